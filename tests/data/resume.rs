//! A run that is stopped within an epoch, and gone on with by a program without its code, ends as one that was never stopped.

use holotype::layers::{Activation, Dense, Dropout, Sequential};
use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::train::callbacks::Lambda;

use crate::{assert_says, counted};

fn run() -> Trainer {
    // The seed is one for the whole process.
    static SEED: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = SEED.lock();
    holotype::random::seed(5);
    let model = Sequential::new()
        .then(Dense::new(2, 6))
        .then(Activation::tanh())
        .then(Dropout::new(0.2, 3))
        .then(Dense::new(6, 1));
    Trainer::new(model, Adam::new(0.01), mean_squared_error).build().unwrap()
}

/// Inputs with noise of their own in each epoch.
fn data() -> Dataset {
    Dataset::from_fn(50, |index| {
        let x = index as f32 * 0.37;
        Ok((Tensor::from([x.sin(), x.cos()]), Tensor::from([(2.0 * x).sin()])))
    })
    .unwrap()
    .map_random(|mut example, draws| {
        example.inputs[0] = &example.inputs[0] + 0.1 * draws.normal();
        Ok(example)
    })
    .repeat(2)
    .unwrap()
}

fn fit(epochs: u64) -> Fit<'static> {
    Fit::until_epoch(epochs).batch_size(8).seed(11).quiet()
}

fn stopping(step: u64) -> Lambda<'static> {
    Lambda::new("stop").step_end(move |moment| {
        if moment.epoch() == 2 && moment.step() == step {
            moment.stop("enough");
        }
        Ok(())
    })
}

#[test]
fn a_run_that_is_stopped_within_an_epoch_goes_on_with_the_examples_it_would_have_had() {
    let mut whole = run();
    whole.fit(&data(), fit(3)).unwrap();
    let expected = whole.program().fingerprint().unwrap();
    for prefetch in [0, 1, 3] {
        let mut first = run();
        first.fit(&data(), fit(3).prefetch(prefetch).callback(stopping(5))).unwrap();
        assert_eq!(first.epochs().unwrap(), 1);
        let directory = tempfile::tempdir().unwrap();
        first.save(directory.path()).unwrap();
        let mut second = holotype::load(directory.path()).unwrap().into_trainer().unwrap();
        second.fit(&data(), Fit::until_epoch(3).batch_size(8).prefetch(2).quiet()).unwrap();
        assert_eq!(second.program().fingerprint().unwrap(), expected, "{prefetch}");
    }
}

#[test]
fn a_dropped_remainder_is_no_step_and_the_epoch_ends_without_it() {
    let mut steps = 0;
    let mut whole = run();
    let count = Lambda::new("count").step_end(|_| {
        steps += 1;
        Ok(())
    });
    whole.fit(&data(), fit(3).drop_remainder().callback(count)).unwrap();
    // 100 examples are 12 batches of 8, and 4 that are left out.
    assert_eq!(steps, 36);
    let sample = whole.variable("position.sample").unwrap().value().to_scalar::<u64>().unwrap();
    assert_eq!((whole.epochs().unwrap(), sample), (3, 0));
    let mut parts = run();
    parts.fit(&data(), fit(3).drop_remainder().callback(stopping(12))).unwrap();
    parts.fit(&data(), fit(3).drop_remainder()).unwrap();
    assert_eq!(parts.program().fingerprint().unwrap(), whole.program().fingerprint().unwrap());
    let error = run().fit(&data().take(7), fit(1).drop_remainder()).unwrap_err();
    assert_says(&error, &["7 samples, a batch 8", "nothing is left"]);
}

#[test]
fn an_example_that_cannot_be_read_stops_the_run_where_it_stands() {
    let broken = |index: usize| {
        let fail = index == 21;
        Dataset::new(Tensor::from([[1.0_f32, 2.0]]), Tensor::from([[3.0_f32]]))?;
        if fail {
            return Err(Error::Data("the disk is gone".into()));
        }
        Ok((Tensor::from([index as f32 * 0.01, 1.0]), Tensor::from([0.5_f32])))
    };
    let data = Dataset::from_fn(40, broken).unwrap();
    let mut places = Vec::new();
    for prefetch in [0, 1, 4] {
        let mut trainer = run();
        let error = trainer.fit(&data, fit(1).shuffle(false).prefetch(prefetch)).unwrap_err();
        assert!(matches!(error, Error::Example { index: 21, .. }), "{error}");
        assert_says(&error, &["example 21 of the data: the disk is gone"]);
        let sample = trainer.variable("position.sample").unwrap().value().to_scalar::<u64>().unwrap();
        assert_eq!(sample, 16);
        places.push(trainer.program().fingerprint().unwrap());
    }
    assert!(places.iter().all(|place| *place == places[0]));
}

#[test]
fn a_panic_on_the_thread_that_reads_ahead_is_an_error() {
    let data = counted(9).map(|example| {
        assert!(example.targets[0].to_scalar::<i64>().unwrap() < 6, "no sixth");
        Ok(example)
    });
    let batches: Vec<_> = data.batches(3).prefetch(2).into_iter().collect();
    assert_eq!(batches.len(), 3);
    assert_says(batches[2].as_ref().unwrap_err(), &["reading ahead panicked: no sixth"]);
}

#[test]
fn steps_learn_the_same_from_data_in_memory_and_from_data_that_are_read() {
    let (mut read, mut kept) = (run(), run());
    let plain = Dataset::from_fn(30, |index| {
        let x = index as f32 * 0.37;
        Ok((Tensor::from([x.sin(), x.cos()]), Tensor::from([x.sin() * 2.0])))
    })
    .unwrap();
    let arrays = Dataset::new(&plain.inputs()[0], plain.targets()).unwrap();
    let histories = [
        read.fit(&plain, fit(2).validation(&plain).prefetch(2)).unwrap(),
        kept.fit(&arrays, fit(2).validation(&arrays)).unwrap(),
    ];
    assert_eq!(histories[0], histories[1]);
    assert_eq!(read.program().fingerprint().unwrap(), kept.program().fingerprint().unwrap());
    assert_eq!(read.evaluate(&plain).unwrap(), kept.evaluate(&arrays).unwrap());
}
