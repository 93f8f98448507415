//! What training says of input that it cannot use: a typed error that names what and where, and a run that is as it was.

#![allow(clippy::unwrap_used, clippy::panic, clippy::items_after_statements, missing_docs)]

use holotype::layers::{Dense, Dropout, Sequential};
use holotype::losses::{mean_squared_error, sparse_categorical_crossentropy_from_logits};
use holotype::metrics::accuracy;
use holotype::prelude::*;
use holotype::tensor::TensorType;

fn regression() -> Trainer {
    Trainer::new(Dense::new(3, 2), Adam::new(0.1), mean_squared_error).build().unwrap()
}

fn classification() -> Trainer {
    let loss = sparse_categorical_crossentropy_from_logits;
    Trainer::new(Dense::new(3, 4), Adam::new(0.1), loss).metric(accuracy).build().unwrap()
}

fn zeros(sizes: &[usize]) -> Tensor {
    Tensor::from_vec(sizes, vec![0.0_f32; sizes.iter().product()])
}

fn data(samples: usize) -> Dataset {
    Dataset::new(zeros(&[samples, 3]), zeros(&[samples, 2])).unwrap()
}

fn fit(batch_size: usize) -> Fit<'static> {
    Fit::epochs(1).batch_size(batch_size).shuffle(false).quiet()
}

/// The error of learning from data, which leaves every variable as it was.
fn refused(trainer: &mut Trainer, data: &Dataset, fit: Fit<'_>) -> Error {
    let before = trainer.program().fingerprint().unwrap();
    let error = trainer.fit(data, fit).unwrap_err();
    assert_eq!(trainer.program().fingerprint().unwrap(), before, "{error}");
    error
}

#[track_caller]
fn assert_says(error: &Error, words: &[&str]) {
    let text = error.to_string();
    for words in words {
        assert!(text.contains(words), "expected `{words}` in:\n{text}");
    }
}

macro_rules! assert_error {
    ($error:expr, $variant:ident, $($words:expr),+ $(,)?) => {
        let error = $error;
        assert!(matches!(error, Error::$variant { .. }), "{error:?}");
        assert_says(&error, &[$($words),+]);
    };
}

#[test]
fn a_loss_that_is_not_finite_names_epoch_and_step_and_changes_nothing() {
    let mut trainer = regression();
    let x: Vec<f32> = (0..24).map(|i| if i == 4 { f32::NAN } else { 1.0 }).collect();
    let broken = Dataset::new(Tensor::from_vec([8, 3], x), zeros(&[8, 2])).unwrap();
    let error = refused(&mut trainer, &broken, fit(4));
    assert_error!(
        error,
        Check,
        "epoch 1, step 1: the loss is nan: look for such numbers in the samples, or make the learning rate smaller",
        "the step has changed nothing; its batch holds the samples [0, 1, 2, 3] of the data"
    );
    // The run goes on with data that can be learnt from.
    trainer.fit(&data(8), Fit::epochs(2).batch_size(4).quiet()).unwrap();
    let huge = Dataset::new(zeros(&[8, 3]) + 1e30, zeros(&[8, 2])).unwrap();
    trainer.variable("model.weights").unwrap().assign(Tensor::ones([3, 2]));
    assert_error!(refused(&mut trainer, &huge, fit(4)), Check, "epoch 3, step 1: the loss is inf");

    // Also without code, and of the data that only judge.
    let directory = tempfile::tempdir().unwrap();
    trainer.save(directory.path()).unwrap();
    let mut loaded = holotype::load(directory.path()).unwrap().into_trainer().unwrap();
    assert_error!(refused(&mut loaded, &huge, fit(4)), Check, "epoch 3, step 1: the loss is inf");
    let error = loaded.fit(&data(8), fit(4).validation(&huge)).unwrap_err();
    assert_error!(error, Check, "validation after epoch 3: the loss is inf");
    assert_eq!(loaded.epochs().unwrap(), 3, "the epoch itself was learnt");
    loaded.fit(&data(8), fit(4)).unwrap();
    assert_error!(loaded.evaluate(&huge).unwrap_err(), Check, "the loss is inf");
}

#[test]
fn a_label_out_of_range_is_named_with_its_place() {
    let labels = Tensor::from([0_u8, 1, 2, 3, 0, 1, 7, 3]);
    let data = Dataset::new(zeros(&[8, 3]), &labels).unwrap();
    let mut trainer = classification();
    let error = trainer.fit(&data, fit(4)).unwrap_err();
    assert_error!(
        error,
        Check,
        "epoch 1, step 2: label 7 at [2] is out of range: expected 0 to 3",
        "samples [4, 5, 6, 7] of the data"
    );
    let data = Dataset::new(zeros(&[2, 3]), Tensor::from([0_i32, -1])).unwrap();
    assert_error!(refused(&mut classification(), &data, fit(2)), Check, "label -1 at [1] is out of range");
    let data = Dataset::new(zeros(&[2, 3]), Tensor::from([0.0_f32, 1.0])).unwrap();
    assert_error!(refused(&mut classification(), &data, fit(2)), Data, "the targets are [2; f32]");
    let data = Dataset::new(zeros(&[2, 3]), Tensor::from([[0], [1]])).unwrap();
    assert_error!(
        refused(&mut classification(), &data, fit(2)),
        Op,
        "the labels have rank 2, and the output has rank 2",
        "`.squeeze(-1)`"
    );
}

#[test]
fn batches_that_cannot_be_made_are_refused() {
    let mut trainer = regression();
    assert_error!(refused(&mut trainer, &data(0), fit(1)), Data, "the dataset is empty");
    assert_error!(trainer.evaluate(&data(0)).unwrap_err(), Data, "the dataset is empty");
    assert_error!(refused(&mut trainer, &data(3), fit(0)), Data, "the batch size is 0");
    trainer.fit(&data(3), fit(4)).unwrap();
    let (train, empty) = (data(3), data(0));
    assert_error!(refused(&mut trainer, &train, fit(1).validation(&empty)), Data, "the dataset is empty");
}

#[test]
fn datasets_have_as_many_inputs_as_targets() {
    let error = Dataset::new(zeros(&[4, 3]), zeros(&[5, 2])).unwrap_err();
    assert_error!(error, Data, "input 0 is [4, 3; f32], and the targets are [5, 2; f32]", "must be the same");
    let error = Dataset::with_inputs(vec![zeros(&[5, 3]), Tensor::scalar(1.0_f32)], zeros(&[5])).unwrap_err();
    assert_error!(error, Data, "input 1 is [; f32]");
    assert_error!(Dataset::new(zeros(&[4]), Tensor::scalar(1)).unwrap_err(), Data, "no dimension of samples");
    let failed = zeros(&[2]).matmul(zeros(&[3]));
    assert_error!(Dataset::new(failed, zeros(&[2])).unwrap_err(), Op, "matmul");
}

#[test]
fn inputs_of_another_type_name_the_input_and_the_signature() {
    let target = || zeros(&[4, 2]);
    for (input, words) in [
        (zeros(&[4]), "expected [?, 3; f32], found [4; f32]: the rank must be 2, not 1"),
        (zeros(&[4, 3]).cast(DType::F64), "found [4, 3; f64]: the dtype must be f32, not f64"),
        (zeros(&[4, 5]), "found [4, 5; f32]: dimension 1 must be 3, not 5"),
    ] {
        let data = Dataset::new(input, target()).unwrap();
        let error = refused(&mut regression(), &data, fit(4));
        assert_error!(error, Signature, "input `input`", "train_step(input: [?, 3; f32]", words);
    }
    let data = Dataset::with_inputs(vec![zeros(&[4, 3]), zeros(&[4, 3])], target()).unwrap();
    let error = refused(&mut regression(), &data, fit(2));
    assert_error!(error, Signature, "it takes 2 inputs (`input`, `target`), not 3");
}

/// Compares a target of each sample with all outputs.
#[loss]
fn spread(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true.expand_dims(-1) - y_pred).square().mean()
}

#[test]
fn targets_that_would_broadcast_are_refused() {
    let with = |target: Tensor| Dataset::new(zeros(&[4, 3]), target).unwrap();
    for (target, found) in [(zeros(&[4]), "[4; f32]"), (zeros(&[4, 1]), "[4, 1; f32]")] {
        let error = refused(&mut regression(), &with(target), fit(4));
        let words = format!("the targets are {found}, and the model gives [?, 2; f32]");
        assert_error!(error, Data, words.as_str(), "`.target(...)`");
    }
    let error = refused(&mut regression(), &with(zeros(&[4, 2]).cast(DType::F64)), fit(4));
    assert_error!(error, Op, "the targets are f64, and the output is f32", "`.cast(DType::F32)`");
    let error = refused(&mut regression(), &with(zeros(&[4, 2]).cast(DType::I32)), fit(4));
    assert_error!(error, Op, "the targets are i64, and the output is f32");

    // A loss of one's own that would take them: only if it is said to be meant.
    let build = || Trainer::new(Dense::new(3, 2), Sgd::new(0.1), spread);
    let rows = TensorType::new(DType::F32, Shape::from([4_usize]));
    let mut trainer = build().target(rows).build().unwrap();
    trainer.fit(&with(zeros(&[4])), fit(2)).unwrap();
    assert_error!(
        refused(&mut trainer, &with(zeros(&[4, 2])), fit(2)),
        Signature,
        "input `target`: expected [?; f32], found [2, 2; f32]"
    );
}

#[test]
fn losses_and_metrics_refuse_what_would_broadcast() {
    let refused = |loss: fn(&Tensor, &Tensor) -> Tensor, t: &[usize], p: &[usize], words: &str| {
        assert_error!(loss(&zeros(t), &zeros(p)).ok().unwrap_err(), Op, words);
    };
    refused(mean_squared_error, &[4], &[4, 1], "the targets have rank 1, and the output has rank 2");
    refused(mean_squared_error, &[4, 1], &[4, 2], "dimension 1 of the targets is not that of the output");
    refused(accuracy, &[4], &[4, 1], "the targets have rank 1");
    let error = accuracy(&Tensor::from([[1], [0]]), &zeros(&[2, 4])).ok().unwrap_err();
    assert_error!(
        error,
        Op,
        "dimension 1 of the targets is not that of the output: the sizes 1 and 4 differ"
    );
    let labels = Tensor::from([1, 0, 2]);
    let error = sparse_categorical_crossentropy_from_logits(&labels, &zeros(&[2, 4])).ok().unwrap_err();
    assert_error!(
        error,
        Op,
        "dimension 0 of the targets is not that of the output: the sizes 3 and 2 differ"
    );
    let error = sparse_categorical_crossentropy_from_logits(&zeros(&[2]), &zeros(&[2, 4])).ok().unwrap_err();
    assert_error!(error, Op, "the labels are f32: give integers");
}

#[test]
fn a_loaded_run_says_what_it_takes() {
    let directory = tempfile::tempdir().unwrap();
    regression().save(directory.path()).unwrap();
    let mut loaded = holotype::load(directory.path()).unwrap().into_trainer().unwrap();
    let data = Dataset::new(zeros(&[4, 3]), zeros(&[4])).unwrap();
    assert_error!(
        refused(&mut loaded, &data, fit(2)),
        Signature,
        "input `target`: expected [?, 2; f32], found [2; f32]: the rank must be 2, not 1"
    );
    assert_error!(loaded.evaluate(&data).unwrap_err(), Signature, "input `target`");

    let plain = directory.path().join("plain");
    holotype::save(&Dense::new(1, 1), &plain).unwrap();
    let error = holotype::load(&plain).unwrap().into_trainer().err().unwrap();
    assert_error!(error, Training, "the saved model is no training run");
}

#[test]
fn data_shorter_than_where_the_run_stands_are_refused() {
    let mut trainer = regression();
    let x: Vec<f32> = (0..24).map(|i| if i == 20 { f32::NAN } else { 1.0 }).collect();
    let broken = Dataset::new(Tensor::from_vec([8, 3], x), zeros(&[8, 2])).unwrap();
    trainer.fit(&broken, fit(2)).unwrap_err();
    let error = refused(&mut trainer, &data(6), fit(2));
    assert_error!(
        error,
        Data,
        "has gone through 6 samples of its epoch, and the data have 6",
        "was trained on"
    );
    trainer.fit(&data(8), fit(2)).unwrap();
    assert_eq!(trainer.epochs().unwrap(), 1);
}

#[derive(Module)]
struct Pair {
    w: Variable,
}

#[layer]
impl Pair {
    #[signature(x = [None, 3; f32])]
    fn call(&self, x: &Tensor) -> (Tensor, Tensor) {
        (x * &self.w, x.clone())
    }
}

#[derive(Module)]
struct Whole {
    w: Variable,
}

#[layer]
impl Whole {
    #[signature(x = [None, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        (x * &self.w.value().cast(DType::F32)).sum()
    }
}

#[derive(Module)]
struct Named {
    w: Variable,
}

#[layer]
impl Named {
    #[signature(x = [None, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.w
    }

    #[signature(x = [None, 3; f32])]
    fn train_step(&self, x: &Tensor) -> Tensor {
        x * &self.w
    }
}

#[test]
fn models_that_cannot_be_trained_say_why() {
    let error = |builder: holotype::train::TrainerBuilder| builder.build().err().unwrap();
    let w = || Variable::new(init::ones([3]));
    let adam = || Adam::new(0.1);

    let nothing = Sequential::new().then(Dropout::new(0.5, 1));
    assert_error!(
        error(Trainer::new(nothing, adam(), mean_squared_error)),
        Training,
        "Sequential` has no trainable variable",
        "`Variable::new`"
    );
    let integer = Whole { w: Variable::new(Tensor::from([1, 2, 3])) };
    assert_error!(
        error(Trainer::new(integer, adam(), mean_squared_error)),
        Training,
        "the variable `w` is trainable and [3; i32]",
        "`Variable::state`"
    );
    assert_error!(
        error(Trainer::new(Pair { w: w() }, adam(), mean_squared_error)),
        Training,
        "`call` of `",
        "Pair` gives 2 outputs, and a loss compares one"
    );
    assert_error!(
        error(Trainer::new(Whole { w: w() }, adam(), mean_squared_error)),
        Training,
        "Whole` gives a tensor without dimensions, and targets of that shape would not count samples"
    );
    assert_error!(
        error(Trainer::new(Named { w: w() }, adam(), mean_squared_error)),
        Training,
        "the method `train_step` of `",
        "rename it"
    );
    assert_error!(
        error(Trainer::new(
            Sequential::new().then(Dropout::new(1.5, 1)).then(Dense::new(2, 2)),
            adam(),
            mean_squared_error
        )),
        Module,
        "a dropout rate is at least 0 and less than 1, not 1.5"
    );
}

#[test]
fn losses_that_are_no_number_say_what_they_give() {
    #[loss]
    fn rows(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (y_true - y_pred).square()
    }
    #[loss]
    fn count(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        y_true.greater(y_pred).cast(DType::I64).sum()
    }
    #[loss]
    fn flat(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (y_true - y_pred.stop_gradient()).mean()
    }
    let error = |builder: holotype::train::TrainerBuilder| builder.build().err().unwrap();
    let model = || Dense::new(3, 2);
    let rows_error = error(Trainer::new(model(), Sgd::new(0.1), rows));
    assert_error!(
        rows_error,
        Training,
        "`loss` gives [?, 2; f32], and a loss or metric gives one float",
        ".mean()"
    );
    assert_error!(error(Trainer::new(model(), Sgd::new(0.1), count)), Training, "`loss` gives [; i64]");
    let metric_error = error(Trainer::new(model(), Sgd::new(0.1), mean_squared_error).metric(rows));
    assert_error!(metric_error, Training, "`rows` gives [?, 2; f32]");
    // A loss that does not flow back into the model has a gradient of 0, and trains nothing.
    let mut trainer = Trainer::new(model(), Sgd::new(0.1), flat).build().unwrap();
    let before = trainer.variable("model.weights").unwrap().data().unwrap();
    trainer.fit(&data(4), fit(2)).unwrap();
    assert!(before.same_bits(&trainer.variable("model.weights").unwrap().data().unwrap()));
}

#[test]
fn a_trainer_that_fails_to_prepare_keeps_what_it_had() {
    let mut trainer = regression();
    let wrong = Dataset::new(zeros(&[4, 3]), zeros(&[4, 2]).cast(DType::I8)).unwrap();
    let (before, entries) = (trainer.program().fingerprint().unwrap(), trainer.program().entries().len());
    trainer.evaluate(&wrong).unwrap_err();
    trainer.fit(&data(4), fit(2).validation(&wrong)).unwrap_err();
    assert_eq!(trainer.program().fingerprint().unwrap(), before, "nothing is learnt before all data fit");
    assert_eq!(trainer.program().entries().len(), entries);
    trainer.fit(&data(4), fit(2)).unwrap();
}

#[test]
fn a_step_is_traced_for_learning_and_judging_or_not_at_all() {
    #[metric]
    fn only_for_learning(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let fails = holotype::graph::mode() == holotype::graph::Mode::Inference && y_true.dtype().is_float();
        if fails { y_true.matmul(zeros(&[7, 7])).mean() } else { y_pred.mean() }
    }
    #[loss]
    fn both(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (y_true.cast(DType::F32).mean() - y_pred.mean()).square()
    }
    let trainer =
        Trainer::new(Dense::new(3, 2), Sgd::new(0.1), both).metric(only_for_learning).build().unwrap();
    let steps = |name: &str| -> Vec<String> {
        let entries = trainer.program().entries().iter().filter(|entry| entry.signature.function == name);
        entries.map(|entry| entry.signature.inputs[1].1.to_string()).collect()
    };
    assert_eq!(steps("train_step"), ["[?; i64]"]);
    assert_eq!(steps("train_step"), steps("evaluate_step"));
}

#[test]
fn a_trainable_variable_that_the_model_assigns_is_refused() {
    #[derive(Module)]
    struct Shrinking {
        weight: Variable,
    }
    #[layer]
    impl Shrinking {
        #[signature(x = [None, None; f32])]
        fn call(&self, x: &Tensor) -> Tensor {
            self.weight.assign(self.weight.value() * 0.5);
            x * &self.weight
        }
    }
    let model = Shrinking { weight: Variable::new(8.0_f32) };
    let error = Trainer::new(model, Sgd::new(0.1), mean_squared_error).build().err().unwrap();
    assert!(matches!(error, Error::Training(_)), "{error}");
    assert!(
        error.to_string().contains("`weight`") && error.to_string().contains("Variable::state"),
        "{error}"
    );
}
