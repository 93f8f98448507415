//! Learning-rate schedules against those of other programs (`oracles/schedules.py`), and within a run.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;

use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::module::Source;
use holotype::prelude::*;
use holotype::registry::{Kind, entries};
use holotype::train::Rate;
use holotype::train::schedules::{
    Constant, CosineDecay, CosineRestarts, ExponentialDecay, InverseTimeDecay, LinearWarmup, OneCycle,
    PiecewiseConstant, PolynomialDecay, StepDecay,
};

/// The schedules of the oracle.
fn schedules() -> Vec<(&'static str, Box<dyn Schedule>)> {
    vec![
        ("constant", Box::new(Constant::new(0.5))),
        ("step", Box::new(StepDecay::new(0.5, 7, 0.3))),
        ("exponential", Box::new(ExponentialDecay::new(0.5, 20, 0.25))),
        ("inverse_time", Box::new(InverseTimeDecay::new(0.5, 20, 0.75))),
        ("cosine", Box::new(CosineDecay::new(0.5, 40).end(0.1))),
        ("cosine_restarts", Box::new(CosineRestarts::new(0.5, 9).end(0.01))),
        ("cosine_restarts_growing", Box::new(CosineRestarts::new(0.5, 7).growth(2.0))),
        ("polynomial", Box::new(PolynomialDecay::new(0.5, 40, 3.0).end(0.05))),
        ("linear_warmup", Box::new(LinearWarmup::new(10, CosineDecay::new(0.5, 40)).start(0.1))),
        ("one_cycle", Box::new(OneCycle::new(0.5, 61))),
        ("one_cycle_other", Box::new(OneCycle::new(0.5, 61).rise(0.25).divisors(10.0, 100.0))),
        ("piecewise_constant", Box::new(PiecewiseConstant::new(0.5).then(29, 0.025).then(9, 0.25))),
    ]
}

#[test]
fn schedules_give_the_rates_of_other_programs() {
    let mut lines = include_str!("oracles/schedules.txt").lines();
    for (name, schedule) in schedules() {
        for step in 0..60_u32 {
            let line = lines.next().unwrap();
            let [of, number, expected] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            assert_eq!((of, number), (name, step.to_string().as_str()));
            let found = schedule.rate(&Tensor::from(f64::from(step))).to_scalar::<f64>().unwrap();
            let expected: f64 = expected.parse().unwrap();
            // PyTorch multiplies the rate before by a quotient, step for step; a few roundings of the first rate.
            assert!((found - expected).abs() <= 16.0 * f64::EPSILON * 0.5, "{line}, found {found:e}");
        }
    }
    assert!(lines.next().is_none());
}

fn line() -> Dataset {
    let x = Tensor::from([[0.0_f32], [1.0], [2.0], [3.0]]);
    Dataset::new(&x, &x * 2.0 + 1.0).unwrap()
}

fn loaded(trainer: &Trainer) -> Trainer {
    let directory = tempfile::tempdir().unwrap();
    trainer.save(directory.path()).unwrap();
    holotype::Load::new().copied().load(directory.path()).unwrap().into_trainer().unwrap()
}

fn fingerprint(trainer: &Trainer) -> String {
    trainer.program().fingerprint().unwrap()
}

/// Runs that are stopped between the steps of every schedule go on bit for bit, and the rule comes back as its type.
#[test]
fn every_schedule_goes_on_where_it_stopped() {
    let names: Vec<_> = schedules().iter().map(|(name, _)| *name).collect();
    let mut covered = BTreeSet::new();
    for (at, name) in names.iter().enumerate() {
        let schedule = schedules().swap_remove(at).1;
        covered.insert(schedule.module_type().name);
        let optimizer = Sgd::new(Boxed { schedule });
        let start = Trainer::new(Dense::new(1, 1), optimizer, mean_squared_error).build().unwrap();
        let fit = |epochs| Fit::epochs(epochs).batch_size(3).quiet();
        let (mut whole, mut first) = (loaded(&start), loaded(&start));
        whole.fit(&line(), fit(4)).unwrap();
        first.fit(&line(), fit(2)).unwrap();
        let mut second = loaded(&first);
        second.fit(&line(), fit(2)).unwrap();
        assert_eq!(fingerprint(&whole), fingerprint(&second), "{name}");
        let step = second.variable("optimizer.learning_rate.step").unwrap().value();
        assert_eq!(step.to_scalar::<i64>().unwrap(), 8);

        let objects = second.program().objects();
        let path = ["optimizer", "learning_rate"];
        let id = path.iter().fold(objects.root().unwrap().0, |id, name| objects.child(id, name).unwrap());
        let rate: Rate = Source::build(objects, second.program().variables(), id).unwrap();
        let expected = schedules()[at].1.rate(&Tensor::from(7.0_f64));
        assert!(rate.value().data().unwrap().same_bits(expected.data().unwrap()), "{name}");
    }
    for entry in entries(Kind::Schedule) {
        assert!(
            covered.contains(entry.name) || entry.name.ends_with("::Boxed"),
            "{entry:?} has no case in this test"
        );
    }
}

/// A schedule that is known at run time only.
#[derive(Module)]
struct Boxed {
    schedule: Box<dyn Schedule>,
}

#[schedule]
impl Schedule for Boxed {
    fn rate(&self, step: &Tensor) -> Tensor {
        self.schedule.rate(step)
    }
}

#[test]
fn each_step_has_the_rate_of_its_number() {
    // w goes down by the rate where the gradient is 1.
    let data = Dataset::new(Tensor::from([[1.0_f32]]), Tensor::from([[0.0_f32]])).unwrap();
    let rates = PiecewiseConstant::new(1.0).then(1, 0.25).then(3, 2.0);
    let loss = |_: &Tensor, p: &Tensor| p.mean();
    let mut trainer = Trainer::new(Dense::new(1, 1).without_bias(), Sgd::new(rates), loss).build().unwrap();
    let w =
        |trainer: &Trainer| trainer.variable("model.weights").unwrap().value().to_vec::<f32>().unwrap()[0];
    let mut before = w(&trainer);
    for rate in [1.0, 0.25, 0.25, 2.0, 2.0] {
        trainer.fit(&data, Fit::epochs(1).quiet()).unwrap();
        assert!((before - w(&trainer) - rate).abs() < 1e-5, "{rate}");
        before = w(&trainer);
    }
}

#[test]
fn a_schedule_is_not_set_like_a_number() {
    let optimizer = Adam::new(CosineDecay::new(1e-3, 1000));
    let mut trainer = Trainer::new(Dense::new(1, 1), optimizer, mean_squared_error).build().unwrap();
    for trainer in [&mut loaded(&trainer), &mut trainer] {
        let error = trainer.set_learning_rate(0.1).unwrap_err().to_string();
        assert!(error.contains("train::schedules::cosine::CosineDecay`"), "{error}");
        assert!(error.contains("build the run with a number"), "{error}");
    }
}
