//! Data, callbacks and checkpoints that a run cannot use as they were meant: an error that says what to do, or what is next best.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use holotype::layers::{BatchNormalization, Dense, Sequential};
use holotype::losses::{mean_squared_error, sparse_categorical_crossentropy_from_logits};
use holotype::metrics::{ConfusionMatrix, R2Score};
use holotype::prelude::*;
use holotype::train::callbacks::EarlyStopping;
use holotype::train::{CheckpointManager, Metrics};

fn regression() -> Trainer {
    Trainer::new(Dense::new(3, 2), Adam::new(0.1), mean_squared_error).build().unwrap()
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

#[track_caller]
fn says<T>(result: holotype::Result<T>, words: &[&str]) -> Error {
    let Err(error) = result else { panic!("it was accepted, without {words:?}") };
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{text}\nlacks {word}");
    }
    error
}

#[test]
fn examples_that_differ_are_named() {
    let of = |width: usize| {
        let example = move |at: usize| Ok((zeros(&[if at == 4 { width } else { 3 }]), zeros(&[2])));
        Dataset::from_fn(6, example).unwrap()
    };
    let mut trainer = regression();
    let error = says(
        trainer.fit(&of(4), fit(6)),
        &["example 4", "part 0 is [4; f32]", "example 0 is [3; f32]", "pad or resize"],
    );
    assert!(matches!(error, Error::Example { index: 4, .. }), "{error:?}");
    trainer.fit(&of(3), fit(6)).unwrap();
    let kinds = Dataset::from_fn(3, |at| {
        let x = if at == 2 { zeros(&[3]).cast(DType::F64) } else { zeros(&[3]) };
        Ok((x, zeros(&[2])))
    });
    says(trainer.fit(&kinds.unwrap(), fit(3)), &["example 2", "f64", "same dtype"]);
}

#[test]
fn labels_that_are_floats_say_how_they_become_classes() {
    let loss = sparse_categorical_crossentropy_from_logits;
    let mut trainer = Trainer::new(Dense::new(3, 4), Adam::new(0.1), loss).build().unwrap();
    let labels = Dataset::new(zeros(&[2, 3]), Tensor::from([0.0_f32, 1.0])).unwrap();
    says(trainer.fit(&labels, fit(2)), &["the targets are [2; f32]", "`.cast(DType::I64)`"]);
}

#[test]
fn parts_that_are_empty_or_too_large_are_refused_where_they_are_used() {
    let mut trainer = regression();
    says(data(5).split(9), &["9 examples cannot be split off 5", "at most 5"]);
    let (none, all) = data(5).split(0).unwrap();
    assert_eq!((none.len(), all.len()), (0, 5));
    says(trainer.fit(&none, fit(2)), &["the dataset is empty"]);
    says(trainer.fit(&all, fit(2).validation(&none)), &["the dataset is empty"]);
    says(trainer.evaluate(&data(5).repeat(0).unwrap()), &["the dataset is empty"]);
    says(trainer.fit(&all, fit(8).drop_remainder()), &["5 samples", "nothing is left", "smaller"]);
    assert_eq!(all.batches(8).drop_remainder().into_iter().count(), 0);
    assert_eq!(trainer.epochs().unwrap(), 0);
    // No epoch at all, and one of a batch that is not full.
    assert!(trainer.fit(&all, Fit::epochs(0).quiet()).unwrap().epochs().is_empty());
    trainer.fit(&all, fit(8)).unwrap();
}

#[test]
fn one_sample_is_enough_for_statistics() {
    let model =
        Sequential::new().then(Dense::new(3, 4)).then(BatchNormalization::new(4)).then(Dense::new(4, 2));
    let mut trainer = Trainer::new(model, Adam::new(0.1), mean_squared_error).build().unwrap();
    let one = Dataset::new(zeros(&[1, 3]) + 0.5, zeros(&[1, 2]) + 1.0).unwrap();
    let history = trainer.fit(&one, Fit::epochs(20).quiet()).unwrap();
    assert!(history.last("loss").unwrap() < history.values("loss")[0], "{}", history.to_csv());
    assert!(trainer.evaluate(&one).unwrap().get("loss").unwrap().is_finite());
}

#[test]
fn a_metric_for_fewer_classes_than_there_are_says_which_it_met() {
    let loss = sparse_categorical_crossentropy_from_logits;
    let builder = Trainer::new(Dense::new(3, 4), Adam::new(0.1), loss).metric(ConfusionMatrix::new(2));
    let mut trainer = builder.build().unwrap();
    let labels = Dataset::new(zeros(&[2, 3]), Tensor::from([0_i64, 3])).unwrap();
    let error = says(trainer.fit(&labels, fit(2)), &["label 3 at [1] is out of range: expected 0 to 1"]);
    assert!(matches!(error, Error::Check { .. }), "{error:?}");

    let builder = Trainer::new(Dense::new(3, 2), Adam::new(0.1), mean_squared_error).metric(R2Score::new(4));
    says(builder.build(), &["r2_score", "2 numbers in its last dimension", "`R2Score::new(2)`"]);
}

#[test]
fn no_patience_stops_at_the_first_epoch_that_is_not_better() {
    let stopping = EarlyStopping::new("loss").patience(0);
    let still = Trainer::new(Dense::new(3, 2), Sgd::new(0.0), mean_squared_error).build();
    let history = still.unwrap().fit(&data(4), Fit::epochs(9).quiet().callback(stopping)).unwrap();
    assert_eq!(history.epochs().len(), 2);
    let unknown = EarlyStopping::new("val_loss");
    says(
        regression().fit(&data(4), Fit::epochs(2).quiet().callback(unknown)),
        &["no metric `val_loss`", "loss"],
    );
}

#[test]
fn checkpoints_in_a_file_or_of_another_model_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let manager = CheckpointManager::new(&file);
    let mut trainer = regression();
    let words = ["checkpoints lie in a directory, and this is a file", "another path", "file"];
    for error in [
        says(manager.list(), &words),
        says(manager.latest(), &words),
        says(manager.resume(&mut trainer), &words),
        says(manager.save(&trainer, Metrics::default()), &words),
    ] {
        assert!(matches!(&error, Error::Checkpoint { path, .. } if *path == file), "{error:?}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a directory");

    let manager = CheckpointManager::new(directory.path().join("checkpoints"));
    manager.save(&trainer, Metrics::default()).unwrap();
    let mut wider = Trainer::new(Dense::new(3, 5), Adam::new(0.1), mean_squared_error).build().unwrap();
    let before = wider.program().fingerprint().unwrap();
    says(manager.resume(&mut wider), &["`model.weights` is [3, 2; f32]", "[3, 5; f32]", "built as the one"]);
    let mut other = Trainer::new(Dense::new(3, 2), Sgd::new(0.1), mean_squared_error).build().unwrap();
    says(manager.resume(&mut other), &["its optimizer is", "Adam", "Sgd"]);
    assert_eq!(wider.program().fingerprint().unwrap(), before);
    assert!(manager.resume(&mut trainer).unwrap().is_some());
}
