//! Examples that come one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use holotype::prelude::*;

use crate::{assert_says, labels};

/// The numbers up to `there`, of which `length` are announced, and how often they were started.
fn numbers(length: usize, there: i64) -> (Dataset, Arc<AtomicUsize>) {
    let started = Arc::new(AtomicUsize::new(0));
    let counter = started.clone();
    let data = Dataset::stream(length, move |start, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok((start as i64..there).map(|x| Ok((Tensor::from([x as f32]), Tensor::scalar(x)))))
    });
    (data.unwrap(), started)
}

#[test]
fn a_stream_goes_on_by_itself_and_is_started_again_where_it_is_asked_for() {
    let (data, started) = numbers(10, 12);
    assert_eq!(labels(&data), (0..10).collect::<Vec<_>>());
    // Once to see what an example is, and once from the beginning.
    assert_eq!(started.load(Ordering::Relaxed), 2);
    let batches = data.batches(4).skip(4).prefetch(2).into_iter();
    assert_eq!(
        batches.map(|batch| labels(&batch.unwrap())).collect::<Vec<_>>(),
        [vec![4, 5, 6, 7], vec![8, 9]]
    );
    assert_eq!(started.load(Ordering::Relaxed), 3);
    assert_eq!(labels(&data.skip(7).repeat(2).unwrap()), [7, 8, 9, 7, 8, 9]);
}

#[test]
fn a_stream_is_not_shuffled_and_must_not_end_early() {
    let (data, _) = numbers(10, 12);
    let shuffled = data.batches(4).shuffle(1).into_iter().next().unwrap().unwrap_err();
    assert_says(&shuffled, &["cannot be shuffled", ".shuffle(false)", ".in_memory()"]);
    assert!(data.map(Ok).batches(4).shuffle(1).into_iter().next().unwrap().is_err());
    assert!(data.in_memory().unwrap().batches(4).shuffle(1).into_iter().next().unwrap().is_ok());

    let (data, _) = numbers(10, 6);
    let error = data.targets().to_vec::<i64>().unwrap_err();
    assert!(matches!(error, Error::Example { index: 6, .. }), "{error}");
    assert_says(
        &error,
        &["example 6 of the data", "the stream ended after 6 examples, and 10 were announced"],
    );
}
