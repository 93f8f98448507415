//! Steps on single batches.

#![allow(clippy::unwrap_used, missing_docs)]

use holotype::layers::{Dense, Dropout, Sequential};
use holotype::losses::{mean_squared_error, sparse_categorical_crossentropy_from_logits};
use holotype::metrics::{accuracy, mean_absolute_error};
use holotype::prelude::*;

fn data(samples: usize) -> Dataset {
    let x: Vec<f32> = (0..samples * 3).map(|i| ((i * i) as f32).sin()).collect();
    let y: Vec<f32> = (0..samples).map(|i| (i as f32).cos()).collect();
    Dataset::new(Tensor::from_vec([samples, 3], x), Tensor::from_vec([samples, 1], y)).unwrap()
}

/// A run with state of every kind: weights, slots of the optimizer, random numbers, metrics.
fn run() -> Trainer {
    // The seed is one for the whole process.
    static SEED: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = SEED.lock();
    holotype::random::seed(5);
    let model = Sequential::new().then(Dense::new(3, 4)).then(Dropout::new(0.5, 7)).then(Dense::new(4, 1));
    Trainer::new(model, Adam::new(0.01), mean_squared_error).metric(mean_absolute_error).build().unwrap()
}

/// The bits of what training moves: all variables but the place in the data.
fn moved(trainer: &Trainer) -> Vec<(String, Vec<u8>)> {
    let program = trainer.program();
    let variables = program.graph().variables.iter().zip(program.variables());
    let moved = variables.filter(|(definition, _)| !definition.path.starts_with("position."));
    moved
        .map(|(definition, value)| (definition.path.clone(), value.data().unwrap().bytes().to_vec()))
        .collect()
}

#[test]
fn steps_on_a_batch_are_those_of_an_epoch_of_one_batch() {
    let (batch, mut by_step, mut by_epoch) = (data(8), run(), run());
    let history = by_epoch.fit(&batch, Fit::epochs(5).batch_size(8).shuffle(false).quiet()).unwrap();
    for epoch in history.epochs() {
        assert_eq!(by_step.train_on_batch(&batch).unwrap(), epoch.metrics);
    }
    assert_eq!(moved(&by_step), moved(&by_epoch));
    assert_eq!((by_step.epochs().unwrap(), by_epoch.epochs().unwrap()), (0, 5));
}

#[test]
fn batches_may_have_other_sizes_and_labels_of_other_integers() {
    let mut trainer = run();
    for samples in [1, 5, 8] {
        assert!(trainer.train_on_batch(&data(samples)).unwrap().get("loss").unwrap().is_finite());
    }
    let loss = sparse_categorical_crossentropy_from_logits;
    let model = Dense::new(3, 2);
    let mut trainer = Trainer::new(model, Adam::new(0.01), loss).metric(accuracy).build().unwrap();
    let x = data(4).inputs().remove(0);
    let labels = Tensor::from([0_u8, 1, 1, 0]);
    let wide = Dataset::new(&x, labels.cast(DType::I64)).unwrap();
    let narrow = trainer.train_on_batch(&Dataset::new(&x, labels).unwrap()).unwrap();
    assert!(trainer.train_on_batch(&wide).unwrap().get("loss") < narrow.get("loss"));
}

#[test]
fn a_loaded_run_takes_the_same_steps() {
    let directory = tempfile::tempdir().unwrap();
    let (batch, mut trainer) = (data(8), run());
    trainer.train_on_batch(&batch).unwrap();
    trainer.save(directory.path()).unwrap();
    let mut loaded = holotype::load(directory.path()).unwrap().into_trainer().unwrap();
    assert_eq!(loaded.train_on_batch(&batch).unwrap(), trainer.train_on_batch(&batch).unwrap());
    assert_eq!(loaded.program().fingerprint().unwrap(), trainer.program().fingerprint().unwrap());
}

#[test]
fn a_run_that_stopped_within_an_epoch_keeps_its_place_and_its_means() {
    let mut trainer = run();
    let mut targets = vec![0.5_f32; 8];
    targets[7] = f32::NAN;
    let broken = Dataset::new(Tensor::ones([8, 3]), Tensor::from_vec([8, 1], targets)).unwrap();
    trainer.fit(&broken, Fit::epochs(1).batch_size(2).shuffle(false).quiet()).unwrap_err();
    let place = |trainer: &Trainer| {
        ["position.epoch", "position.sample", "metrics.loss.total", "metrics.loss.count"]
            .map(|path| trainer.variable(path).unwrap().data().unwrap().bytes().to_vec())
    };
    let before = place(&trainer);
    assert_eq!(trainer.variable("position.sample").unwrap().value().to_scalar::<u64>().unwrap(), 6);
    trainer.train_on_batch(&data(4)).unwrap();
    assert_eq!(place(&trainer), before);
}

#[test]
fn a_step_that_fails_changes_nothing() {
    let mut trainer = run();
    trainer.train_on_batch(&data(4)).unwrap();
    let before = trainer.program().fingerprint().unwrap();
    let broken = Dataset::new(Tensor::ones([2, 3]), Tensor::from([[f32::NAN], [0.0]])).unwrap();
    let error = trainer.train_on_batch(&broken).unwrap_err().to_string();
    assert!(error.contains("the loss") && error.contains("the step has changed nothing"), "{error}");
    let wide = Dataset::new(Tensor::ones([2, 4]), Tensor::ones([2, 1])).unwrap();
    assert!(matches!(trainer.train_on_batch(&wide), Err(Error::Signature { .. })));
    let empty = Dataset::new(Tensor::zeros([0, 3]), Tensor::zeros([0, 1])).unwrap();
    assert!(matches!(trainer.train_on_batch(&empty), Err(Error::Data(_))));
    assert_eq!(trainer.program().fingerprint().unwrap(), before);
}
