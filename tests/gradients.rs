//! The gradients of a run, to be looked at.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Mutex;

use holotype::layers::{Activation, BatchNormalization, Dense, Dropout, Sequential};
use holotype::losses::{mean_squared_error, sparse_categorical_crossentropy_from_logits};
use holotype::prelude::*;
use holotype::train::{TrainerBuilder, Updater, regularizers};

/// Held by each test: the seed is one for the whole process.
static SEED: Mutex<()> = Mutex::new(());

/// A power of two: dividing by it rounds nothing.
const RATE: f64 = 0.125;

fn model() -> Sequential {
    Sequential::new()
        .then(Dense::new(3, 8))
        .then(BatchNormalization::new(8))
        .then(Activation::relu())
        .then(Dropout::new(0.5, 7))
        .then(Dense::new(8, 2))
}

fn builder() -> TrainerBuilder {
    holotype::random::seed(3);
    Trainer::new(model(), Sgd::new(RATE), mean_squared_error)
}

fn data() -> Dataset {
    let number = |at: usize| ((at * 7) % 13) as f32 / 6.5 - 1.0;
    let x = Tensor::from_vec([16, 3], (0..48).map(number).collect());
    let y = Tensor::from_vec([16, 2], (50..82).map(number).collect());
    Dataset::new(x, y).unwrap()
}

fn weights(trainer: &Trainer, gradients: &[(String, Tensor)]) -> Vec<Vec<f32>> {
    gradients.iter().map(|(path, _)| trainer.variable(path).unwrap().value().to_vec().unwrap()).collect()
}

/// Plain gradient descent says in what it changes what the gradient was.
fn is_what_a_step_goes_down(mut trainer: Trainer, data: &Dataset) {
    let before = trainer.program().fingerprint().unwrap();
    let gradients = trainer.gradients(data).unwrap();
    assert_eq!(trainer.program().fingerprint().unwrap(), before, "the run has changed");
    let old = weights(&trainer, &gradients);
    trainer.train_on_batch(data).unwrap();
    let new = weights(&trainer, &gradients);
    for (((path, gradient), old), new) in gradients.iter().zip(old).zip(new) {
        let gradient: Vec<f32> = gradient.to_vec().unwrap();
        assert!(gradient.iter().any(|number| *number != 0.0), "{path}");
        for ((old, new), gradient) in old.iter().zip(new).zip(gradient) {
            let found = (old - new) / RATE as f32;
            assert!((found - gradient).abs() < 1e-5, "{path}: {found} and {gradient}");
        }
    }
}

#[test]
fn they_are_what_a_step_goes_down() {
    let _alone = SEED.lock();
    let mut trainer = builder().build().unwrap();
    let gradients = trainer.gradients(&data()).unwrap();
    let paths: Vec<&str> =
        gradients.iter().map(|(path, _)| path.trim_start_matches("model.layers.")).collect();
    assert_eq!(paths, ["0.weights", "0.bias", "1.gamma", "1.beta", "4.weights", "4.bias"]);
    is_what_a_step_goes_down(trainer, &data());
    // Penalties and weights of samples count.
    let penalised = builder().regularize("*weights", regularizers::l2(0.1)).build().unwrap();
    is_what_a_step_goes_down(penalised, &data());
    let weights = Tensor::from_vec([16], (0..16).map(|at| at as f32 / 8.0).collect());
    is_what_a_step_goes_down(builder().build().unwrap(), &data().weights(weights).unwrap());
}

#[test]
fn they_are_those_of_labels() {
    let _alone = SEED.lock();
    holotype::random::seed(3);
    let loss = sparse_categorical_crossentropy_from_logits;
    let trainer = Trainer::new(model(), Sgd::new(RATE), loss).build().unwrap();
    let labels = Tensor::arange(16).cast(DType::F32).sin().abs().round().cast(DType::I64);
    is_what_a_step_goes_down(trainer, &Dataset::new(data().inputs()[0].clone(), labels).unwrap());
}

#[test]
fn they_come_before_anything_that_is_done_to_them() {
    let _alone = SEED.lock();
    let mut plain = builder().build().unwrap();
    let mut clipped = builder().clip_norm(1e-3).accumulate(4).build().unwrap();
    for ((path, one), (_, other)) in
        plain.gradients(&data()).unwrap().iter().zip(clipped.gradients(&data()).unwrap())
    {
        assert_eq!(one.to_vec::<f32>().unwrap(), other.to_vec::<f32>().unwrap(), "{path}");
    }
}

#[test]
fn a_run_without_its_code_has_the_same_ones() {
    let _alone = SEED.lock();
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = builder().build().unwrap();
    trainer.fit(&data(), Fit::epochs(2).batch_size(8).quiet()).unwrap();
    trainer.save(folder.path().join("run")).unwrap();
    let mut loaded = holotype::load(folder.path().join("run")).unwrap().into_trainer().unwrap();
    let (ours, theirs) = (trainer.gradients(&data()).unwrap(), loaded.gradients(&data()).unwrap());
    assert_eq!(ours.len(), theirs.len());
    for ((path, one), (other_path, other)) in ours.iter().zip(&theirs) {
        assert_eq!(path, other_path);
        assert_eq!(one.to_vec::<f32>().unwrap(), other.to_vec::<f32>().unwrap(), "{path}");
    }
    // Nothing of it is saved, and both go on as one.
    for run in [&mut trainer, &mut loaded] {
        run.fit(&data(), Fit::epochs(1).batch_size(8).quiet()).unwrap();
        run.gradients(&data()).unwrap();
    }
    assert_eq!(trainer.program().fingerprint().unwrap(), loaded.program().fingerprint().unwrap());
    assert!(loaded.program().entries().iter().all(|entry| entry.signature.function != "gradients"));
}

#[test]
fn data_that_the_step_does_not_take_are_an_error_as_ever() {
    let _alone = SEED.lock();
    let mut trainer = builder().build().unwrap();
    let wide = Dataset::new(Tensor::zeros([4, 5]), Tensor::zeros([4, 2])).unwrap();
    let error = trainer.gradients(&wide).unwrap_err().to_string();
    assert!(error.contains("must be 3, not 5"), "{error}");
    let infinite = Dataset::new(Tensor::full([4, 3], f32::INFINITY), Tensor::zeros([4, 2])).unwrap();
    let before = trainer.program().fingerprint().unwrap();
    let error = trainer.gradients(&infinite).unwrap_err().to_string();
    assert!(error.contains("the loss is nan"), "{error}");
    assert_eq!(trainer.program().fingerprint().unwrap(), before);
}

#[derive(Module)]
struct ByHand {
    model: Dense,
    updater: Updater,
}

#[layer]
impl ByHand {
    #[signature(x = [batch, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.model.call(x)
    }
}

#[train_step]
impl ByHand {
    #[signature(x = [batch, 3; f32], target = [batch, 2; f32])]
    fn train_step(&self, x: &Tensor, target: &Tensor) -> Tensor {
        self.updater.minimize(&mean_squared_error(target, &self.model.call(x)), &self.model)
    }
}

#[test]
fn a_step_of_ones_own_has_none() {
    let _alone = SEED.lock();
    let model = Dense::new(3, 2);
    let updater = Updater::new(Sgd::new(0.1), &model);
    let mut trainer = Trainer::with_step(ByHand { model, updater }).unwrap();
    let error = trainer.gradients(&data()).unwrap_err().to_string();
    assert!(error.contains("there is no one loss to take gradients of"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let logs = holotype::train::callbacks::TensorBoard::new(folder.path()).gradients();
    let history = trainer.fit(&data(), Fit::epochs(2).quiet().callback(logs)).unwrap();
    assert_eq!(history.warnings().len(), 2);
    assert!(history.warnings()[0].message.starts_with("there are no gradients to show: "));
}
