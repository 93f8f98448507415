//! Going on with a saved run: N epochs, save, load without code, and M epochs are N + M epochs, bit for bit.

#![allow(clippy::unwrap_used, missing_docs)]

use holotype::graph::{Mode, mode};
use holotype::layers::{Activation, Dense, Dropout, Sequential};
use holotype::losses::mean_squared_error;
use holotype::metrics::mean_absolute_error;
use holotype::prelude::*;
use holotype::train::History;

/// Subtracts a running mean that it learns while training: state that is no variable of the optimizer.
#[derive(Module)]
struct Center {
    #[module(state)]
    mean: Variable,
}

#[layer]
impl Center {
    fn new(width: usize) -> Self {
        Self { mean: Variable::state(init::zeros([width])) }
    }

    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        if mode() == Mode::Training {
            self.mean.assign(self.mean.value() * 0.9 + input.stop_gradient().mean_axis(0) * 0.1);
        }
        input - self.mean.value()
    }
}

/// 3 inputs; everything that has state while it learns.
fn model() -> Sequential {
    Sequential::new()
        .then(Center::new(3))
        .then(Dense::new(3, 8))
        .then(Activation::tanh())
        .then(Dropout::new(0.3, 11))
        .then(Dense::new(8, 2))
}

/// Samples that have nothing random about them.
fn data(samples: usize) -> Dataset {
    let column = |step: f32| (Tensor::arange(samples).cast(DType::F32) * step).sin();
    let x = Tensor::stack(&[&column(0.7), &column(1.3), &column(2.9)], 1);
    let y = Tensor::stack(&[&(column(0.7) * 2.0 + column(1.3)), &(column(2.9) - 0.5)], 1);
    Dataset::new(x, y).unwrap()
}

/// Saves a run and loads it, as a program without any code would.
fn stopped(trainer: &Trainer) -> Trainer {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    trainer.save(&path).unwrap();
    holotype::load(&path).unwrap().into_trainer().unwrap()
}

fn assert_same(left: &Trainer, right: &Trainer) {
    let (left, right) = (left.program(), right.program());
    assert_eq!(left.graph().variables, right.graph().variables);
    for (definition, (a, b)) in
        left.graph().variables.iter().zip(left.variables().iter().zip(right.variables()))
    {
        let (a, b) = (a.data().unwrap(), b.data().unwrap());
        assert!(a.same_bits(&b), "{} differs: {a:?} and {b:?}", definition.path);
    }
}

/// N + M epochs in one go and with a stop between.
fn compare(start: &Trainer, epochs: (u64, u64), fit: impl Fn(&mut Trainer, u64) -> History) {
    let (mut whole, mut parts) = (stopped(start), stopped(start));
    let all = fit(&mut whole, epochs.0 + epochs.1);
    let first = fit(&mut parts, epochs.0);
    let mut parts = stopped(&parts);
    assert_eq!(parts.epochs().unwrap(), epochs.0);
    let second = fit(&mut parts, epochs.1);
    let joined: Vec<_> = first.epochs().iter().chain(second.epochs()).cloned().collect();
    assert_eq!(all.epochs(), joined);
    assert_same(&whole, &parts);
}

fn run(optimizer: impl Optimizer) -> Trainer {
    Trainer::new(model(), optimizer, mean_squared_error).metric(mean_absolute_error).build().unwrap()
}

#[test]
fn every_optimizer_goes_on_where_it_stopped() {
    let train = data(23);
    let runs = [
        run(Sgd::new(0.05)),
        run(Sgd::new(0.05).momentum(0.9)),
        run(Sgd::new(0.05).nesterov(0.9)),
        run(Adam::new(0.01)),
    ];
    for start in &runs {
        // 23 samples: the last batch of each epoch holds 3.
        compare(start, (2, 3), |trainer, epochs| {
            trainer.fit(&train, Fit::epochs(epochs).batch_size(5).seed(3).quiet()).unwrap()
        });
    }
}

#[test]
fn validation_and_evaluation_leave_no_trace() {
    let (train, test) = (data(12), data(7));
    let start = run(Adam::new(0.01));
    let (mut judged, mut plain) = (stopped(&start), stopped(&start));
    let fit = || Fit::epochs(2).batch_size(4).quiet();
    judged.fit(&train, fit().validation(&test)).unwrap();
    judged.evaluate(&test).unwrap();
    judged.predict(&test.inputs()).unwrap();
    plain.fit(&train, fit()).unwrap();
    assert_same(&judged, &plain);
}

#[test]
fn the_code_and_the_saved_run_are_the_same_run() {
    let train = data(10);
    let mut with_code = run(Adam::new(0.01));
    let mut without_code = stopped(&with_code);
    let fit = || Fit::epochs(3).batch_size(3).quiet();
    let histories = [with_code.fit(&train, fit()).unwrap(), without_code.fit(&train, fit()).unwrap()];
    assert_eq!(histories[0], histories[1]);
    assert_same(&with_code, &without_code);
    assert!(with_code.model::<Sequential>().is_some() && without_code.model::<Sequential>().is_none());
}

#[test]
fn a_run_that_stopped_within_an_epoch_goes_on_there() {
    let train = data(20);
    let start = run(Adam::new(0.01));
    let fit = || Fit::epochs(1).batch_size(4).shuffle(false).quiet();
    let (mut whole, mut parts) = (stopped(&start), stopped(&start));
    let expected = whole.fit(&train, fit()).unwrap();

    // The fourth batch cannot be learnt from.
    let x = train.inputs()[0].to_vec::<f32>().unwrap();
    let broken: Vec<f32> = x.iter().enumerate().map(|(i, &x)| if i == 40 { f32::NAN } else { x }).collect();
    let broken = Dataset::new(Tensor::from_vec([20, 3], broken), train.targets()).unwrap();
    let error = parts.fit(&broken, fit()).unwrap_err().to_string();
    assert!(error.contains("epoch 1, step 4"), "{error}");

    let mut parts = stopped(&parts);
    assert_eq!(parts.epochs().unwrap(), 0);
    let sample = parts.variable("position.sample").unwrap().value().to_scalar::<u64>();
    assert_eq!(sample.unwrap(), 12);
    let found = parts.fit(&train, fit()).unwrap();
    assert_eq!(expected, found);
    assert_same(&whole, &parts);
}

#[test]
fn the_model_of_a_run_is_restored_as_its_type() {
    let train = data(9);
    let mut trainer = run(Adam::new(0.01));
    trainer.fit(&train, Fit::epochs(1).batch_size(4).quiet()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    trainer.save(directory.path()).unwrap();
    let model: Sequential = holotype::restore(directory.path()).unwrap();
    let input = &train.inputs()[0];
    let (eager, traced) = (model.call(input), &trainer.predict(&train.inputs()).unwrap()[0]);
    assert!(eager.data().unwrap().same_bits(traced.data().unwrap()));
    // And trained anew with another optimizer, from the weights it has.
    let mut again = Trainer::new(model, Sgd::new(0.01), mean_squared_error).build().unwrap();
    again.fit(&train, Fit::epochs(1).batch_size(4).quiet()).unwrap();
    assert_eq!(again.epochs().unwrap(), 1);
}
