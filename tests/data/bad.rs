//! Datasets that cannot be: a typed error says what was expected, what was found, and what to do.

use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::prelude::*;

use crate::{assert_says, counted};

macro_rules! assert_error {
    ($result:expr, $variant:ident, $($words:expr),+ $(,)?) => {
        let error = $result.unwrap_err();
        assert!(matches!(error, Error::$variant { .. }), "{error:?}");
        assert_says(&error, &[$($words),+]);
    };
}

fn zeros(sizes: &[usize]) -> Tensor {
    Tensor::from_vec(sizes, vec![0.0_f32; sizes.iter().product()])
}

#[test]
fn tensors_that_do_not_count_the_same_examples_are_refused() {
    assert_error!(
        Dataset::new(zeros(&[3, 2]), zeros(&[2])),
        Data,
        "input 0 is [3, 2; f32]",
        "[2; f32]",
        "must be the same"
    );
    assert_error!(Dataset::new(zeros(&[]), zeros(&[2])), Data, "input 0 is [; f32]");
    assert_error!(Dataset::new(zeros(&[2]), zeros(&[])), Data, "no dimension of samples");
    assert_error!(Dataset::with_targets(vec![], vec![]), Data, "neither inputs nor targets");
    let second = Dataset::with_targets(vec![zeros(&[2])], vec![zeros(&[2]), zeros(&[3])]);
    assert_error!(second, Data, "targets 1 are [3; f32]");
    assert_error!(Dataset::new(zeros(&[2]).matmul(zeros(&[3])), zeros(&[2])), Op, "matmul");
}

#[test]
fn weights_are_a_number_for_each_example() {
    let data = counted(2);
    assert_error!(
        data.weights(zeros(&[3])),
        Data,
        "the weights are [3; f32], and there are 2 examples",
        "[2; f32]"
    );
    assert_error!(data.weights(zeros(&[2, 1])), Data, "[2, 1; f32]");
    assert_error!(data.weights(Tensor::from([1_i64, 1])), Data, "[2; i64]");
    assert_error!(
        data.weights(Tensor::from([1.0_f32, -1.0])),
        Data,
        "the weight of example 1 is -1",
        "not negative"
    );
    assert_error!(data.weights(Tensor::from([f64::NAN, 1.0])), Data, "the weight of example 0 is NaN");
    let weighted = data.weights(Tensor::from([1.0_f32, 0.0])).unwrap();
    assert_error!(weighted.weights(zeros(&[2])), Data, "weights already");
    assert_error!(weighted.zip(&weighted), Data, "both datasets have weights");
    assert_error!(weighted.chain(&data), Data, "cannot be followed by");
}

#[test]
fn what_is_not_there_cannot_be_taken() {
    let data = counted(4);
    assert_error!(data.split(5), Data, "5 examples cannot be split off 4");
    assert_error!(data.select([1, 4]), Data, "no example 4", "4 of them");
    assert_error!(data.example(4), Example, "example 4 of the data", "4 examples");
    assert_error!(data.take(3).zip(&data), Data, "3 and 4 examples", "`take`");
    assert_error!(data.repeat(usize::MAX), Data, "more than can be counted");
    let endless = data.repeat(usize::MAX / 4).unwrap();
    assert_error!(endless.chain(&data), Data, "more than can be counted");
    assert_error!(data.batches(0).into_iter().next().unwrap(), Data, "the batch size is 0");
    assert_error!(Dataset::from_iter(std::iter::empty()), Data, "no examples");
    assert!(data.take(0).map(Ok).targets().error().is_some());
}

#[test]
fn examples_that_differ_are_named() {
    let sizes = [2, 2, 3, 2];
    let data =
        Dataset::from_fn(4, move |row| Ok((zeros(&[sizes[row]]), Tensor::scalar(row as i64)))).unwrap();
    assert_error!(
        data.in_memory(),
        Example,
        "example 2 of the data: part 0 is [3; f32], and that of example 0 is [2; f32]",
        "pad or resize"
    );
    assert_error!(data.skip(1).in_memory(), Example, "example 1 of the data: part 0 is [3; f32]");
    assert_error!(data.map_batches(Ok).shuffle(0).in_memory(), Example, "part 0 is [");
    let fewer = counted(3).map(|mut example| {
        example.inputs.clear();
        Ok(example)
    });
    assert_error!(
        fewer.example(0),
        Example,
        "a function of `map` gives 0 inputs, 1 targets",
        "as many as before"
    );
    let summed = counted(3).map_batches(|mut batch| {
        batch.inputs[0] = batch.inputs[0].sum();
        Ok(batch)
    });
    assert_error!(
        summed.in_memory(),
        Data,
        "`map_batches` gives [; f32] for 3 examples",
        "keep the first dimension"
    );
    let failing = counted(3).map(|mut example| {
        example.inputs[0] = example.inputs[0].matmul(zeros(&[3, 1]));
        Ok(example)
    });
    assert_error!(failing.in_memory(), Example, "example 0 of the data: matmul");
}

#[test]
fn a_trainer_says_what_it_does_not_take() {
    let mut trainer = Trainer::new(Dense::new(2, 1), Sgd::new(0.1), mean_squared_error).build().unwrap();
    let two = Dataset::with_targets(vec![zeros(&[4, 2])], vec![zeros(&[4, 1]), zeros(&[4, 1])]).unwrap();
    assert_error!(trainer.fit(&two, Fit::epochs(1).quiet()), Data, "2 targets");
    let one = Dataset::new(zeros(&[4, 2]), zeros(&[4, 1])).unwrap();
    let folder = tempfile::tempdir().unwrap();
    trainer.save(folder.path()).unwrap();
    let mut loaded = holotype::load(folder.path()).unwrap().into_trainer().unwrap();
    let weighted = one.weights(zeros(&[4])).unwrap();
    assert_error!(loaded.train_on_batch(&weighted), Data, "have weights", ".weighted()");
    assert_error!(trainer.fit(&one.take(0), Fit::epochs(1).quiet()), Data, "empty");
}
