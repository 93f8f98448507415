//! Training steps of a user's own: what they do, that they are saved, and what is said of mistakes.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use holotype::layers::{Dense, Dropout};
use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::train::{Updater, gradients};

fn batch(samples: usize, width: usize) -> Tensor {
    let numbers = (0..samples * width).map(|at| ((at * 7) % 13) as f32 / 6.5 - 1.0);
    Tensor::from_vec([samples, width], numbers.collect())
}

fn says<T>(result: holotype::Result<T>, words: &[&str]) {
    let Err(error) = result else { panic!("it was accepted, without {words:?}") };
    let error = error.to_string();
    for word in words {
        assert!(error.contains(word), "{error}\nlacks {word}");
    }
}

fn fit<'a>(epochs: u64) -> Fit<'a> {
    Fit::epochs(epochs).batch_size(8).quiet()
}

/// What the built-in step does, said by hand.
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
        let loss = mean_squared_error(target, &self.model.call(x));
        self.updater.minimize(&loss, &self.model)
    }

    #[signature(x = [batch, 3; f32], target = [batch, 2; f32])]
    fn evaluate_step(&self, x: &Tensor, target: &Tensor) -> Tensor {
        mean_squared_error(target, &self.model.call(x))
    }
}

#[test]
fn the_built_in_step_said_by_hand_learns_the_same_bits() {
    let dense = || {
        let layer = Dense::new(3, 2);
        layer.weights().assign(batch(3, 2));
        layer
    };
    let data = Dataset::new(batch(20, 3), batch(20, 2)).unwrap();
    let mut built_in = Trainer::new(dense(), Adam::new(0.01), mean_squared_error).build().unwrap();
    let model = dense();
    let updater = Updater::new(Adam::new(0.01), &model);
    let mut own = Trainer::with_step(ByHand { model, updater }).unwrap();
    let expected = built_in.fit(&data, fit(3).validation(&data)).unwrap();
    assert_eq!(own.fit(&data, fit(3).validation(&data)).unwrap(), expected);
    for name in ["weights", "bias"] {
        let found = own.variable(&format!("model.model.{name}")).unwrap().data().unwrap();
        assert!(found.same_bits(&built_in.variable(&format!("model.{name}")).unwrap().data().unwrap()));
    }
    assert_eq!(own.evaluate(&data).unwrap(), built_in.evaluate(&data).unwrap());
    assert_eq!(own.train_on_batch(&data).unwrap(), built_in.train_on_batch(&data).unwrap());
    let model: &ByHand = own.model().unwrap();
    assert_eq!(model.call(&batch(4, 3)).to_vec::<f32>().unwrap().len(), 8);
}

#[derive(Structure)]
struct GanReports {
    critic: Tensor,
    forger: Tensor,
}

/// Two networks with an optimizer each, noise, and dropout.
#[derive(Module)]
struct Gan {
    forger: Dense,
    critic: Dense,
    dropout: Dropout,
    noise: Generator,
    forger_updater: Updater,
    critic_updater: Updater,
}

#[layer]
impl Gan {
    fn new() -> Self {
        let (forger, critic) = (Dense::new(2, 3), Dense::new(3, 1));
        Self {
            forger_updater: Updater::new(Adam::new(0.01), &forger),
            critic_updater: Updater::new(Sgd::new(0.05), &critic),
            dropout: Dropout::new(0.25, 5),
            noise: Generator::new(11),
            forger,
            critic,
        }
    }

    #[signature(noise = [batch, 2; f32])]
    fn call(&self, noise: &Tensor) -> Tensor {
        self.forger.call(noise).tanh()
    }
}

#[train_step]
impl Gan {
    #[signature(real = [batch, 3; f32])]
    fn train_step(&self, real: &Tensor) -> GanReports {
        let noise = self.noise.normal(Shape::new(vec![real.dim(0), Dim::from(2)]));
        let forged = self.call(&noise);
        let judge = |x: &Tensor| self.critic.call(&self.dropout.call(x));
        // The critic, twice, and then the forger against the changed critic.
        let mut critic = Tensor::from(0.0_f32);
        for _ in 0..2 {
            let loss = (judge(real) - 1.0).square().mean() + judge(&forged).square().mean();
            critic = self.critic_updater.minimize(&loss, &self.critic);
        }
        let gradients = gradients(&(judge(&forged) - 1.0).square().mean(), &self.forger);
        let forger = (judge(&forged) - 1.0).square().mean();
        if let Ok(gradients) = gradients {
            self.forger_updater.apply(&gradients.clip_global_norm(0.5));
        }
        GanReports { critic, forger }
    }
}

#[test]
fn a_stranger_goes_on_with_two_optimizers_and_noise_bit_for_bit() {
    let directory = tempfile::tempdir().unwrap();
    let data = Dataset::with_targets(vec![batch(28, 3)], Vec::new()).unwrap();
    let mut whole = Trainer::with_step(Gan::new()).unwrap();
    let first = whole.fit(&data, fit(2)).unwrap();
    assert!(first.to_csv().starts_with("epoch,critic,forger\n1,"), "{}", first.to_csv());
    whole.save(directory.path()).unwrap();
    let expected = whole.fit(&data, fit(3)).unwrap();
    assert_ne!(first.values("critic")[0].to_bits(), expected.values("critic")[0].to_bits());

    let mut loaded = holotype::load(directory.path()).unwrap().into_trainer().unwrap();
    assert_eq!(loaded.fit(&data, fit(3)).unwrap(), expected);
    assert_eq!(loaded.program().fingerprint().unwrap(), whole.program().fingerprint().unwrap());
    let noise = batch(4, 2);
    let said = |trainer: &Trainer| {
        trainer.predict(std::slice::from_ref(&noise)).unwrap()[0].to_vec::<f32>().unwrap()
    };
    assert_eq!(said(&loaded), said(&whole));
    // What the optimizers keep lies below their fields, so it is read by path.
    let paths: Vec<_> = loaded.program().graph().variables.iter().map(|one| one.path.clone()).collect();
    assert!(paths.iter().any(|path| path.starts_with("model.forger_updater.slots.weights.")), "{paths:?}");
    says(loaded.evaluate(&data), &["Gan` has a training step of its own", "write `evaluate_step`"]);
    says(loaded.fit(&data, fit(1).validation(&data)), &["write `evaluate_step`"]);
}

/// One number that is drawn to another.
#[derive(Module)]
struct Drawn {
    position: Variable,
    other: Variable,
    updater: Updater,
    way: String,
}

#[layer]
impl Drawn {
    fn new(way: &str) -> Self {
        let position = Variable::new(Tensor::from(1.0_f64));
        let other = Variable::new(Tensor::from(2.0_f64));
        let updater = Updater::new(Sgd::new(0.25), &position);
        Self { position, other, updater, way: way.to_owned() }
    }

    #[signature(x = [batch; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.position
    }

    /// `(x - 3)^2`, whose derivative is `2 (x - 3)`.
    fn loss(&self) -> Tensor {
        (self.position.value() - 3.0).square()
    }
}

#[train_step]
impl Drawn {
    #[signature(x = [batch; f64])]
    fn train_step(&self, x: &Tensor) -> Tensor {
        let loss = self.loss();
        match self.way.as_str() {
            "twice" => {
                self.updater.minimize(&loss, &self.position);
                self.updater.minimize(&self.loss(), &self.position)
            }
            "old loss" => {
                self.updater.minimize(&loss, &self.position);
                self.updater.minimize(&loss, &self.position)
            }
            "stale" => {
                let gradients = gradients(&loss, &self.position).unwrap();
                self.updater.apply(&gradients);
                self.updater.apply(&gradients);
                loss
            }
            "other" => self.updater.minimize(&(loss + self.other.value()), &(self.other.clone(), 3_usize)),
            "nothing" => self.updater.minimize(&loss, &7_usize),
            "vector" => self.updater.minimize(&(x * &self.position), &self.position),
            "reports a vector" => x.clone(),
            _ => self.updater.minimize(&loss, &self.position),
        }
    }
}

#[test]
fn updates_come_in_order_and_gradients_are_of_what_is_now() {
    let data = Dataset::with_targets(vec![Tensor::from([1.0_f64])], Vec::new()).unwrap();
    for (way, updates) in [("once", 1), ("twice", 2)] {
        let mut trainer = Trainer::with_step(Drawn::new(way)).unwrap();
        let mut expected = 1.0_f64;
        for _ in 0..3 {
            trainer.train_on_batch(&data).unwrap();
            for _ in 0..updates {
                expected -= 0.25 * 2.0 * (expected - 3.0);
            }
            let found = trainer.variable("model.position").unwrap().value().to_scalar::<f64>().unwrap();
            assert!((found - expected).abs() < 1e-12, "{way}: {found} {expected}");
        }
    }
}

#[test]
fn steps_that_cannot_be_traced_say_why() {
    let step = |way: &str| Trainer::with_step(Drawn::new(way));
    says(step("old loss"), &["the number was computed before", "compute it again after the change"]);
    says(step("stale"), &["the gradient of `` is stale", "tests/train_step.rs"]);
    says(step("other"), &["the optimizer was made for other variables than `0`"]);
    says(step("nothing"), &["a module without trainable variables"]);
    says(step("vector"), &["the gradient is of one float number", "[batch; f64]"]);
    says(step("reports a vector"), &["`train_step` reports", "`what it returns`", ".mean()"]);
    // Outside of a trace there is nothing to differentiate, and the result says so.
    let model = Drawn::new("once");
    says(model.train_step(&Tensor::from([1.0_f64])).to_scalar::<f64>(), &["gradients"]);

    let data = Dataset::with_targets(vec![Tensor::from([1.0_f32])], Vec::new()).unwrap();
    let mut trainer = step("once").unwrap();
    says(trainer.fit(&data, fit(1)), &["input `x`", "f64"]);
    let with_targets = Dataset::new(Tensor::from([1.0_f64]), Tensor::from([1.0_f64])).unwrap();
    says(trainer.fit(&with_targets, fit(1)), &["it takes 1 inputs (`x`), not 2"]);
}

/// Its methods have the name of a step, or judge what they do not report.
#[derive(Module)]
struct Confused {
    position: Variable,
}

#[layer]
impl Confused {
    #[signature(x = [batch; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.position
    }
}

#[train_step]
impl Confused {
    #[signature(x = [batch; f32] -> (one = [; f32], two = [; f32]))]
    fn train_step(&self, x: &Tensor) -> (Tensor, Tensor) {
        (x.mean(), x.sum())
    }

    #[signature(x = [batch; f32] -> (one = [; f32]))]
    fn evaluate_step(&self, x: &Tensor) -> Tensor {
        x.mean()
    }
}

#[test]
fn both_steps_report_the_same() {
    let model = Confused { position: Variable::new(Tensor::from(1.0_f32)) };
    says(Trainer::with_step(model), &["`train_step` reports one, two, and `evaluate_step` one"]);
}
