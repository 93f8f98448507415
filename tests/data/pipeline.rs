//! What is done to datasets.

use holotype::data::{Examples, Pass};
use holotype::prelude::*;

use crate::{counted, labels};

/// The labels of each batch.
fn batches(batches: holotype::data::Batches) -> Vec<Vec<i64>> {
    batches.into_iter().map(|batch| labels(&batch.unwrap())).collect()
}

#[test]
fn datasets_are_cut_ordered_and_put_together() {
    let data = counted(6);
    assert_eq!(labels(&data.take(2)), [0, 1]);
    assert_eq!(labels(&data.skip(4)), [4, 5]);
    assert_eq!((data.take(9).len(), data.skip(9).len()), (6, 0));
    let (first, rest) = data.split(2).unwrap();
    assert_eq!((labels(&first), labels(&rest)), (vec![0, 1], vec![2, 3, 4, 5]));
    assert_eq!(labels(&data.select([5, 0, 5]).unwrap()), [5, 0, 5]);
    assert_eq!(labels(&rest.select([3, 0]).unwrap().skip(1)), [2]);
    assert_eq!(labels(&first.repeat(3).unwrap()), [0, 1, 0, 1, 0, 1]);
    assert_eq!(labels(&rest.chain(&first).unwrap()), [2, 3, 4, 5, 0, 1]);
    let shuffled = data.shuffle(3);
    let mut sorted = labels(&shuffled);
    assert_ne!(sorted, labels(&data));
    assert_eq!(labels(&shuffled), labels(&data.shuffle(3)));
    sorted.sort_unstable();
    assert_eq!(sorted, labels(&data));
    // Inputs and targets stay together.
    let inputs = shuffled.inputs()[0].to_vec::<f32>().unwrap();
    let expected: Vec<f32> =
        labels(&shuffled).iter().flat_map(|&row| [row as f32 * 2.0, row as f32 * 2.0 + 1.0]).collect();
    assert_eq!(inputs, expected);
}

#[test]
fn zipped_datasets_have_the_inputs_of_both_and_then_the_targets() {
    let second = Dataset::with_targets(
        vec![Tensor::from([7_u8, 8]), Tensor::from([[1.5_f64], [2.5]])],
        vec![Tensor::from([true, false]), Tensor::from([3_i32, 4])],
    )
    .unwrap();
    let both = counted(2).zip(&second.weights(Tensor::from([0.5_f32, 2.0])).unwrap()).unwrap();
    let kinds: Vec<DType> = both.inputs().iter().chain(&both.all_targets()).map(Tensor::dtype).collect();
    assert_eq!(kinds, [DType::F32, DType::U8, DType::F64, DType::I64, DType::Bool, DType::I32]);
    assert_eq!(both.sample_weights().unwrap().to_vec::<f32>().unwrap(), [0.5, 2.0]);
    let example = both.example(1).unwrap();
    assert_eq!(example.inputs[2].to_vec::<f64>().unwrap(), [2.5]);
    assert_eq!(example.targets[2].to_scalar::<i32>().unwrap(), 4);
    assert_eq!(example.weight.unwrap().to_scalar::<f32>().unwrap(), 2.0);
    assert!(both.targets().error().is_some());
    assert!(counted(2).sample_weights().is_none());
}

#[test]
fn functions_change_examples_and_batches() {
    let data = counted(5).map(|mut example| {
        example.inputs[0] = example.inputs[0].cast(DType::F64) + 0.5;
        Ok(example)
    });
    let data = data.map_batches(|mut batch| {
        batch.targets[0] = &batch.targets[0] * 10;
        Ok(batch)
    });
    assert_eq!(labels(&data), [0, 10, 20, 30, 40]);
    assert_eq!(data.example(2).unwrap().inputs[0].to_vec::<f64>().unwrap(), [4.5, 5.5]);
    assert_eq!(labels(&data.in_memory().unwrap()), labels(&data));
}

#[test]
fn batches_keep_or_drop_what_is_left_and_start_anywhere() {
    let data = counted(7);
    assert_eq!(batches(data.batches(3)), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
    assert_eq!(batches(data.batches(3).drop_remainder()), [[0, 1, 2], [3, 4, 5]]);
    assert_eq!(batches(data.batches(3).skip(3).drop_remainder()), [[3, 4, 5]]);
    assert_eq!(batches(data.batches(9)), [[0, 1, 2, 3, 4, 5, 6]]);
    assert!(batches(data.batches(9).drop_remainder()).is_empty());
    assert!(batches(data.batches(2).skip(7)).is_empty() && batches(data.take(0).batches(2)).is_empty());
    let whole = batches(data.batches(3).shuffle(5).epoch(2));
    assert_ne!(whole, batches(data.batches(3).shuffle(5).epoch(1)));
    assert_eq!(batches(data.batches(3).shuffle(5).epoch(2).skip(3)), whole[1..]);
}

/// Examples whose inputs are random.
fn noisy(rows: usize) -> Dataset {
    let add = |mut example: holotype::data::Example, draws: &mut holotype::data::Draws| {
        let noise = draws.generator().normal([2]);
        example.inputs[0] = &example.inputs[0] + noise * draws.normal();
        Ok(example)
    };
    counted(rows).map_random(add).map_random(add)
}

fn bits(batches: holotype::data::Batches) -> Vec<Vec<u8>> {
    batches.into_iter().map(|batch| batch.unwrap().inputs()[0].data().unwrap().bytes().to_vec()).collect()
}

#[test]
fn random_numbers_depend_on_seed_epoch_and_index_and_on_nothing_else() {
    let data = noisy(12);
    let order = || data.batches(5).shuffle(9).epoch(4);
    let expected = bits(order());
    for prefetch in [1, 2, 7] {
        for threads in [1, 3] {
            holotype::threads(threads);
            assert_eq!(bits(order().prefetch(prefetch)), expected);
        }
    }
    holotype::threads(0);
    assert_eq!(bits(order().skip(5)), expected[1..]);
    // Not on the batch size or on the order: an example is the same wherever it stands.
    let all: Vec<u8> = bits(data.batches(12).seed(9).epoch(4)).concat();
    assert_eq!(bits(data.batches(5).seed(9).epoch(4)).concat(), all);
    assert_ne!(bits(data.batches(12).seed(9).epoch(5)).concat(), all);
    assert_ne!(bits(data.batches(12).seed(8).epoch(4)).concat(), all);
    // The second time around and the second function draw numbers of their own.
    let twice = data.repeat(2).unwrap().inputs()[0].to_vec::<f32>().unwrap();
    assert_ne!(twice[..24], twice[24..]);
}

/// A source of somebody's own, larger than any memory.
struct Large;

impl Examples for Large {
    fn len(&self) -> usize {
        1 << 50
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        Ok(vec![Tensor::from([index as u64]), Tensor::scalar(pass.epoch)])
    }
}

#[test]
fn sources_of_ones_own_are_read_where_they_are_asked_for() {
    let data = Dataset::from_examples(Large, 1).unwrap().skip(1 << 49);
    assert_eq!(data.len(), 1 << 49);
    assert_eq!(data.example(3).unwrap().inputs[0].to_vec::<u64>().unwrap(), [(1 << 49) + 3]);
    let error = data.batches(2).shuffle(1).into_iter().next().unwrap().unwrap_err();
    crate::assert_says(&error, &["does not fit in memory", ".shuffle(false)"]);
    assert!(data.in_memory().is_err() && data.batches(2).prefetch(1).into_iter().next().unwrap().is_ok());
    let few = data.take(4);
    let targets =
        few.batches(3).epoch(6).into_iter().map(|batch| batch.unwrap().targets().to_vec::<u64>().unwrap());
    assert_eq!(targets.collect::<Vec<_>>(), [vec![6, 6, 6], vec![6]]);
}

#[test]
fn iterators_and_functions_are_sources() {
    let pairs = (0..3_i64).map(|row| Ok((Tensor::from([row as f32]), Tensor::scalar(row))));
    let data = Dataset::from_iter(pairs).unwrap();
    assert_eq!(labels(&data), [0, 1, 2]);
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = asked.clone();
    let data = Dataset::from_fn(100, move |row| {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok((Tensor::from([row as f32]), Tensor::scalar(row as i64)))
    })
    .unwrap();
    assert_eq!(labels(&data.skip(90).take(2)), [90, 91]);
    // The first one, to see what an example is, and those that were asked for.
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 3);
    assert_eq!(format!("{data:?}"), "Dataset of 100 examples: 1 inputs, 1 targets");
}
