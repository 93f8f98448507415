//! What looks on while a model learns: what callbacks are told, what they may do, and that a run which is resumed with them goes on
//! as if it had never stopped.

#![allow(clippy::unwrap_used, missing_docs)]

use std::cell::RefCell;

use holotype::layers::{Dense, Sequential};
use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::train::callbacks::{
    Better, Callback, EarlyStopping, Lambda, Moment, NanGuard, ReduceLearningRateOnPlateau,
};

fn data(samples: usize) -> Dataset {
    let column = |step: f32| (Tensor::arange(samples).cast(DType::F32) * step).sin();
    let x = Tensor::stack(&[&column(0.7), &column(1.3), &column(2.9)], 1);
    let y = Tensor::stack(&[&(column(0.7) * 2.0 + column(1.3)), &(column(2.9) - 0.5)], 1);
    Dataset::new(x, y).unwrap()
}

fn run(optimizer: impl Optimizer) -> Trainer {
    // The seed is one for the whole process.
    static SEED: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = SEED.lock();
    holotype::random::seed(3);
    let model = Sequential::new().then(Dense::new(3, 4)).then(Dense::new(4, 2));
    Trainer::new(model, optimizer, mean_squared_error).build().unwrap()
}

fn loaded(trainer: &Trainer) -> Trainer {
    let directory = tempfile::tempdir().unwrap();
    trainer.save(directory.path()).unwrap();
    holotype::load(directory.path()).unwrap().into_trainer().unwrap()
}

fn fingerprint(trainer: &Trainer) -> String {
    trainer.program().fingerprint().unwrap()
}

#[test]
fn callbacks_are_told_of_every_event_in_order() {
    struct Log<'a>(&'a RefCell<Vec<String>>, &'static str);
    impl Log<'_> {
        fn log(&self, event: &str, moment: &mut Moment<'_>) {
            let metrics = moment.metrics().unwrap();
            let names: Vec<_> = metrics.iter().map(|(name, _)| name.to_owned()).collect();
            let names = names.join(",");
            let line = format!("{} {event} {}/{} [{names}]", self.1, moment.epoch(), moment.step());
            self.0.borrow_mut().push(line);
        }
    }
    impl Callback for Log<'_> {
        fn on_fit_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
            self.log("fit", moment);
            Ok(())
        }
        fn on_epoch_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
            self.log("epoch", moment);
            Ok(())
        }
        fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
            self.log("step", moment);
            moment.defer();
            Ok(())
        }
        fn on_evaluation_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
            self.log("judged", moment);
            Ok(())
        }
        fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
            self.log("epoch end", moment);
            Ok(())
        }
        fn on_deferred(&mut self, moment: &mut Moment<'_>) -> Result<()> {
            self.log("deferred", moment);
            Ok(())
        }
        fn on_fit_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
            self.log("fit end", moment);
            Ok(())
        }
    }
    let (log, train) = (RefCell::new(Vec::new()), data(8));
    let fit = Fit::epochs(1).batch_size(4).validation(&train).quiet();
    run(Sgd::new(0.1)).fit(&train, fit.callback(Log(&log, "a")).callback(Log(&log, "b"))).unwrap();
    let events = [
        "fit 0/0 []",
        "epoch 1/0 []",
        "step 1/1 [loss]",
        "deferred 1/1 []",
        "step 1/2 [loss]",
        "judged 1/2 [val_loss]",
        "epoch end 1/2 [loss,val_loss]",
        "deferred 1/2 []",
        "fit end 1/2 [loss,val_loss]",
    ];
    let expected: Vec<_> =
        events.iter().flat_map(|event| [format!("a {event}"), format!("b {event}")]).collect();
    assert_eq!(log.into_inner(), expected);
}

#[test]
fn an_error_names_the_callback_and_the_event() {
    let failing = Lambda::new("picky").epoch_end(|_| Err(Error::Training("I do not like it".into())));
    let error = run(Sgd::new(0.1)).fit(&data(4), Fit::epochs(1).quiet().callback(failing)).unwrap_err();
    assert!(matches!(&error, Error::Callback { callback, .. } if callback == "picky"));
    assert_eq!(error.to_string(), "the callback `picky`, at the end of an epoch: I do not like it");

    let stopping = EarlyStopping::new("val_loss");
    let error = run(Sgd::new(0.1)).fit(&data(4), Fit::epochs(1).quiet().callback(stopping)).unwrap_err();
    assert!(
        error.to_string().contains("there is no metric `val_loss`; there are `loss`; the fit needs"),
        "{error}"
    );
}

#[test]
fn callbacks_set_the_rate_and_variables_and_stop_and_save() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    let saver = Lambda::new("saver").step_end(|moment| {
        if moment.step() == 2 {
            moment.save(&path);
            moment.set_learning_rate(0.0)?;
            moment
                .variable("model.layers.0.bias")?
                .set(Tensor::from([1.0_f32, 2.0, 3.0, 4.0]).into_data()?)?;
            moment.warn("almost done");
            moment.stop("two steps");
        }
        Ok(())
    });
    let mut trainer = run(Sgd::new(0.1));
    let history = trainer.fit(&data(20), Fit::epochs(3).batch_size(4).quiet().callback(saver)).unwrap();
    assert_eq!(history.stopped(), Some("saver: two steps"));
    assert!(history.epochs().is_empty());
    assert_eq!(history.warnings()[0].to_string(), "epoch 1, step 2: saver: almost done");
    assert_eq!(trainer.learning_rate().unwrap(), 0.0);
    let saved = holotype::load(&path).unwrap().into_trainer().unwrap();
    assert_eq!(fingerprint(&saved), fingerprint(&trainer));
    assert_eq!(saved.variable("position.sample").unwrap().value().to_scalar::<u64>().unwrap(), 8);
    // Both go on within the epoch.
    let mut saved = saved;
    for trainer in [&mut saved, &mut trainer] {
        trainer.fit(&data(20), Fit::epochs(1).batch_size(4).quiet()).unwrap();
        assert_eq!(trainer.epochs().unwrap(), 1);
    }
    assert_eq!(fingerprint(&saved), fingerprint(&trainer));
}

/// Reports losses that were made up, in the order given, by setting the bias of a model that learns nothing.
fn losses(values: &[f32]) -> (Trainer, Dataset, Lambda<'_>) {
    let model = Dense::new(1, 1);
    let trainer = Trainer::new(model, Sgd::new(0.0), mean_squared_error).build().unwrap();
    let zeros = Dataset::new(Tensor::zeros([1, 1]), Tensor::zeros([1, 1])).unwrap();
    let set = Lambda::new("made up").epoch_start(|moment| {
        let value = values[moment.epoch() as usize - 1];
        moment.variable("model.bias")?.set(Tensor::from([value.sqrt()]).into_data()?)
    });
    (trainer, zeros, set)
}

#[test]
fn early_stopping_counts_epochs_that_are_no_better() {
    let stopped_after = |stopping: EarlyStopping, values: &[f32]| {
        let (mut trainer, data, set) = losses(values);
        let fit = Fit::epochs(values.len() as u64).quiet().callback(set).callback(stopping);
        let history = trainer.fit(&data, fit).unwrap();
        (history.epochs().len(), history.stopped().is_some())
    };
    let values = [4.0, 3.0, 3.5, 2.9, 3.0, 3.0, 3.0, 1.0];
    assert_eq!(stopped_after(EarlyStopping::new("loss"), &values), (3, true));
    assert_eq!(stopped_after(EarlyStopping::new("loss").patience(2), &values), (6, true));
    assert_eq!(stopped_after(EarlyStopping::new("loss").patience(2).min_delta(0.5), &values), (4, true));
    assert_eq!(stopped_after(EarlyStopping::new("loss").patience(4), &values), (8, false));
    assert_eq!(stopped_after(EarlyStopping::new("loss").patience(3).baseline(2.0), &values), (3, true));
    assert_eq!(
        stopped_after(EarlyStopping::new("loss").start_from_epoch(4).patience(3), &values),
        (8, false)
    );
    assert_eq!(stopped_after(EarlyStopping::new("loss").better(Better::Higher), &values), (2, true));
}

#[test]
fn the_best_weights_come_back_when_it_stops() {
    let (mut trainer, data, set) = losses(&[4.0, 1.0, 9.0, 16.0, 25.0]);
    let mut stopping = EarlyStopping::new("loss").patience(2).restore_best_weights();
    trainer.fit(&data, Fit::epochs(5).quiet().callback(set).callback(&mut stopping)).unwrap();
    assert_eq!(stopping.best(), Some((1.0, 2)));
    assert_eq!(trainer.variable("model.bias").unwrap().value().to_vec::<f32>().unwrap(), [1.0]);
    // It stays stopped, also after it was loaded.
    let mut trainer = loaded(&trainer);
    let again = EarlyStopping::new("loss").patience(2);
    let history = trainer.fit(&data, Fit::epochs(1).quiet().callback(again)).unwrap();
    assert!(history.epochs().is_empty() && history.stopped().unwrap().contains("forget_callbacks"));
    trainer.forget_callbacks().unwrap();
    let again = EarlyStopping::new("loss").patience(2);
    assert_eq!(trainer.fit(&data, Fit::epochs(1).quiet().callback(again)).unwrap().epochs().len(), 1);
}

#[test]
fn the_learning_rate_becomes_smaller_on_a_plateau() {
    let rates_of = |plateau: ReduceLearningRateOnPlateau, values: &[f32]| {
        let (mut trainer, data, set) = losses(values);
        trainer.set_learning_rate(1.0).unwrap();
        // The bias is set anew in each epoch, so what is learned does not matter.
        let mut rates = Vec::new();
        let watch = Lambda::new("rates").epoch_end(|moment| {
            rates.push(moment.learning_rate()?);
            Ok(())
        });
        let fit = Fit::epochs(values.len() as u64).quiet().callback(set).callback(plateau).callback(watch);
        trainer.fit(&data, fit).unwrap();
        rates
    };
    let plateau = || ReduceLearningRateOnPlateau::new("loss").factor(0.5);
    let flat = [1.0; 6];
    assert_eq!(rates_of(plateau().patience(2), &flat), [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]);
    assert_eq!(rates_of(plateau().patience(1).cooldown(2), &flat), [1.0, 0.5, 0.5, 0.5, 0.25, 0.25]);
    assert_eq!(rates_of(plateau().patience(1).min_rate(0.5), &flat), [1.0, 0.5, 0.5, 0.5, 0.5, 0.5]);
    let error =
        run(Sgd::new(0.1)).fit(&data(4), Fit::epochs(1).quiet().callback(plateau().factor(1.5))).unwrap_err();
    assert!(error.to_string().contains("the factor is 1.5"), "{error}");
}

#[test]
fn a_resumed_run_remembers_what_its_callbacks_counted() {
    let train = data(12);
    // A rate that is too large: the loss goes up and down.
    let fit = |epochs| {
        Fit::epochs(epochs)
            .batch_size(4)
            .quiet()
            .callback(ReduceLearningRateOnPlateau::new("loss").factor(0.7).patience(2).min_delta(0.02))
            .callback(EarlyStopping::new("loss").patience(4).min_delta(0.05).restore_best_weights())
    };
    let start = run(Sgd::new(0.2));
    let mut whole = loaded(&start);
    let expected = whole.fit(&train, fit(12)).unwrap();
    for first in 1..12 {
        let mut parts = loaded(&start);
        let mut epochs = parts.fit(&train, fit(first)).unwrap().epochs().to_vec();
        let mut parts = loaded(&parts);
        let second = parts.fit(&train, fit(12 - first)).unwrap();
        epochs.extend(second.epochs().iter().cloned());
        assert_eq!(epochs, expected.epochs(), "stopped after {first}");
        assert_eq!(expected.stopped().is_some(), second.stopped().is_some());
        assert_eq!(fingerprint(&parts), fingerprint(&whole));
        assert_eq!(parts.learning_rate().unwrap(), whole.learning_rate().unwrap());
    }
}

/// The logarithm of what it is given: infinite at 0, NaN below.
#[derive(Module)]
struct Logarithm;

#[layer]
impl Logarithm {
    #[signature(x = [None, None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x.log()
    }
}

#[test]
fn the_guard_names_the_first_op_that_gives_nan() {
    let model = Sequential::new().then(Dense::new(3, 2)).then(Logarithm);
    let mut trainer = Trainer::new(model, Sgd::new(0.1), mean_squared_error).build().unwrap();
    let before = fingerprint(&trainer);
    let fit = Fit::epochs(1).quiet().callback(NanGuard::new());
    let error = trainer.fit(&data(6), fit).unwrap_err().to_string();
    for part in [
        "epoch 1, step 1: the loss is nan",
        "log([6, 2; f32]) is the first op",
        "call of callbacks::Logarithm at model.layers.1",
        "callbacks.rs",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert_eq!(fingerprint(&trainer), before);
}

#[test]
fn the_guard_takes_a_step_back_whose_gradient_is_not_finite() {
    #[loss]
    fn root(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (y_true - y_pred).square().sum().sqrt()
    }
    let model = Dense::new(1, 1);
    let mut trainer = Trainer::new(model, Adam::new(0.1), root).build().unwrap();
    let before = fingerprint(&trainer);
    let zeros = Dataset::new(Tensor::zeros([2, 1]), Tensor::zeros([2, 1])).unwrap();
    let error = trainer.fit(&zeros, Fit::epochs(1).quiet().callback(NanGuard::new())).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Callback { .. }));
    for part in
        ["the step gives the variable `model.", "is the first op", "gradient of", "tests/callbacks.rs"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(fingerprint(&trainer), before);
}

#[test]
fn the_guard_blames_the_data_and_the_variables_that_are_not_finite() {
    let x = Tensor::from([[1.0_f32, 2.0, f32::NAN], [0.0, 0.0, 0.0]]);
    let broken = Dataset::new(x, Tensor::zeros([2, 2])).unwrap();
    let fit = || Fit::epochs(1).quiet().shuffle(false).callback(NanGuard::new());
    let error = run(Sgd::new(0.1)).fit(&broken, fit()).unwrap_err().to_string();
    assert!(error.contains("the input `input` of the step holds nan at [0, 2]"), "{error}");

    let mut trainer = run(Sgd::new(0.1));
    let bias = Tensor::from([0.0_f32, f32::INFINITY]).into_data().unwrap();
    trainer.variable("model.layers.1.bias").unwrap().set(bias).unwrap();
    let error = trainer.fit(&data(4), fit()).unwrap_err().to_string();
    assert!(error.contains("the variable `model.layers.1.bias` held inf at [1] before the step"), "{error}");
}
