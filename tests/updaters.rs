//! What is said around the optimizers of a training step of one's own: the same as of a trainer's, saved and gone on with.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::train::{LossScale, Updater, gradients};

fn numbers(rows: usize, columns: usize) -> Tensor {
    let numbers = (0..rows * columns).map(|at| ((at * 7) % 13) as f32 / 6.5 - 1.0);
    Tensor::from_vec([rows, columns], numbers.collect())
}

fn data() -> Dataset {
    Dataset::new(numbers(20, 3), numbers(20, 2)).unwrap()
}

fn dense() -> Dense {
    let layer = Dense::new(3, 2);
    layer.weights().assign(numbers(3, 2));
    layer
}

fn fit<'a>(epochs: u64) -> Fit<'a> {
    Fit::epochs(epochs).batch_size(4).quiet()
}

fn says<T>(result: holotype::Result<T>, words: &[&str]) {
    let Err(error) = result else { panic!("it was accepted, without {words:?}") };
    let error = error.to_string();
    for word in words {
        assert!(error.contains(word), "{error}\nlacks {word}");
    }
}

fn stopped(trainer: &Trainer) -> Trainer {
    let directory = tempfile::tempdir().unwrap();
    trainer.save(directory.path()).unwrap();
    holotype::Load::new().copied().load(directory.path()).unwrap().into_trainer().unwrap()
}

fn fingerprint(trainer: &Trainer) -> String {
    trainer.program().fingerprint().unwrap()
}

#[track_caller]
fn assert_same(one: &Trainer, path: &str, other: &Trainer, other_path: &str) {
    let data = |trainer: &Trainer, path: &str| trainer.variable(path).unwrap().data().unwrap();
    assert!(data(one, path).same_bits(&data(other, other_path)), "{path}");
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
        let loss = mean_squared_error(target, &self.model.call(x));
        self.updater.minimize(&loss, &self.model)
    }

    #[signature(x = [batch, 3; f32], target = [batch, 2; f32])]
    fn evaluate_step(&self, x: &Tensor, target: &Tensor) -> Tensor {
        mean_squared_error(target, &self.model.call(x))
    }
}

fn by_hand(around: impl FnOnce(Updater) -> Updater) -> holotype::Result<Trainer> {
    let model = dense();
    let updater = around(Updater::new(Adam::new(0.05), &model));
    Trainer::with_step(ByHand { model, updater })
}

/// All that can be said of both.
macro_rules! around {
    ($of:expr) => {
        $of.group("bias", Sgd::new(0.1).momentum(0.5))
            .clip_value(0.9)
            .clip_norm(0.5)
            .clip_global_norm(0.4)
            .accumulate(2)
            .average(0.75)
            .loss_scale(LossScale::dynamic().growth_interval(3))
            .freezable("bias")
    };
}

#[test]
fn an_updater_does_what_a_trainer_does_bit_for_bit() {
    let builder = Trainer::new(dense(), Adam::new(0.05), mean_squared_error);
    let mut built_in = around!(builder).build().unwrap();
    let mut own = by_hand(|updater| around!(updater)).unwrap();
    let compare = |own: &Trainer, built_in: &Trainer| {
        for name in ["weights", "bias"] {
            assert_same(own, &format!("model.model.{name}"), built_in, &format!("model.{name}"));
            for beside in ["averages", "gathered"] {
                assert_same(
                    own,
                    &format!("model.updater.{beside}.{name}"),
                    built_in,
                    &format!("{beside}.{name}"),
                );
            }
        }
        assert_same(own, "model.updater.slots.bias.velocity", built_in, "slots.bias.velocity");
        assert_same(own, "model.updater.loss_scale.scale", built_in, "loss_scale.scale");
    };
    let expected = built_in.fit(&data(), fit(3)).unwrap();
    assert_eq!(own.fit(&data(), fit(3)).unwrap(), expected);
    compare(&own, &built_in);

    // What is changed while the run goes on; also by a stranger, who has no code of the step.
    let mut stranger = stopped(&own);
    built_in.set_learning_rate(0.01).unwrap();
    built_in.set_learning_rate_of("groups.0", 0.05).unwrap();
    built_in.freeze("bias").unwrap();
    for own in [&mut own, &mut stranger] {
        own.set_learning_rate(0.01).unwrap();
        own.set_learning_rate_of("updater.groups.0", 0.05).unwrap();
        assert!((own.learning_rate_of("updater").unwrap() - 0.01).abs() < 1e-7);
        own.freeze("model.bias").unwrap();
    }
    let expected = built_in.fit(&data(), fit(2)).unwrap();
    for own in [&mut own, &mut stranger] {
        assert_eq!(own.fit(&data(), fit(2)).unwrap(), expected);
        compare(own, &built_in);
        let averaged = own.with_averages(|own| own.evaluate(&data())).unwrap();
        assert_eq!(averaged, built_in.with_averages(|run| run.evaluate(&data())).unwrap());
        assert_ne!(averaged, own.evaluate(&data()).unwrap());
        own.unfreeze("*").unwrap();
    }
    built_in.unfreeze("bias").unwrap();
    let expected = built_in.fit(&data(), fit(1)).unwrap();
    assert_eq!(stranger.fit(&data(), fit(1)).unwrap(), expected);
    own.fit(&data(), fit(1)).unwrap();
    assert_eq!(fingerprint(&own), fingerprint(&stranger));
}

#[test]
fn a_run_that_stops_while_it_gathers_goes_on() {
    let start = by_hand(|updater| around!(updater)).unwrap();
    let (mut whole, mut first) = (stopped(&start), stopped(&start));
    // Five steps an epoch: one of them waits.
    whole.fit(&data(), fit(4)).unwrap();
    first.fit(&data(), fit(1)).unwrap();
    assert_eq!(first.variable("model.updater.accumulated").unwrap().value().to_scalar::<u64>().unwrap(), 1);
    let mut second = stopped(&first);
    second.fit(&data(), fit(3)).unwrap();
    assert_eq!(fingerprint(&whole), fingerprint(&second));
}

#[test]
fn a_model_with_an_updater_is_made_again_of_what_was_saved() {
    let directory = tempfile::tempdir().unwrap();
    let model = dense();
    let updater = around!(Updater::new(Adam::new(0.05), &model));
    holotype::save(&ByHand { model, updater }, directory.path()).unwrap();
    let restored: ByHand = holotype::restore(directory.path()).unwrap();
    let mut restored = Trainer::with_step(restored).unwrap();
    let mut own = by_hand(|updater| around!(updater)).unwrap();
    assert_eq!(restored.fit(&data(), fit(3)).unwrap(), own.fit(&data(), fit(3)).unwrap());
    assert_eq!(fingerprint(&restored), fingerprint(&own));
}

#[test]
fn rules_that_make_no_sense_say_so() {
    says(by_hand(|updater| updater.clip_norm(0.0)), &["give a limit above 0"]);
    says(by_hand(|updater| updater.accumulate(0)), &["over 0 steps"]);
    says(by_hand(|updater| updater.average(1.5)), &["decays by 1.5"]);
    says(by_hand(|updater| updater.loss_scale(LossScale::fixed(f32::NAN))), &["scaled by NaN"]);
    says(
        by_hand(|updater| updater.group("encoder.*", Sgd::new(0.1))),
        &["trainable variables are weights, bias"],
    );
    says(by_hand(|updater| updater.freeze("c")), &["`c` concerns nothing"]);

    let mut plain = by_hand(|updater| updater).unwrap();
    says(plain.freeze("model.bias"), &["always trains model.bias", ".freezable("]);
    says(plain.with_averages(|_| Ok(())), &[".average(0.999)", "`Updater`"]);
    says(plain.set_learning_rate_of("critic", 0.1), &["no optimizer `critic`; there are updater"]);
    says(plain.set_learning_rate(f64::INFINITY), &["not a finite number"]);
}

/// Two numbers, each with an updater or both with one.
#[derive(Module)]
struct Pair {
    first: Variable,
    second: Variable,
    updaters: Vec<Updater>,
    way: String,
}

#[layer]
impl Pair {
    fn new(way: &str) -> Self {
        let (first, second) = (Variable::new(1.0_f64), Variable::new(2.0_f64));
        let updater = |of: &Variable| Updater::new(Sgd::new(0.25), of).accumulate(2);
        let updaters = match way {
            "none" => Vec::new(),
            "both" | "part" => {
                let both = (first.clone(), second.clone());
                vec![Updater::new(Sgd::new(0.25), &both).accumulate(2)]
            }
            "scaled" => vec![Updater::new(Sgd::new(0.25), &first).loss_scale(LossScale::fixed(2.0))],
            _ => vec![updater(&first), updater(&second)],
        };
        Self { first, second, updaters, way: way.to_owned() }
    }

    #[signature(x = [batch; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.first + &self.second
    }

    /// `(first - 3)² + (second - 3)²`.
    fn loss(&self) -> Tensor {
        (self.first.value() - 3.0).square() + (self.second.value() - 3.0).square()
    }
}

#[train_step]
impl Pair {
    #[signature(x = [batch; f64])]
    fn train_step(&self, x: &Tensor) -> Tensor {
        let loss = self.loss() + x.mean() * 0.0;
        match self.way.as_str() {
            "part" => self.updaters[0].minimize(&loss, &(self.first.clone(), 0_usize)),
            "scaled" => {
                self.updaters[0].apply(&gradients(&loss, &self.first).unwrap());
                loss
            }
            "two" => {
                self.updaters[0].minimize(&loss, &self.first);
                self.updaters[0].minimize(&self.loss(), &self.first);
                self.updaters[1].minimize(&self.loss(), &self.second)
            }
            _ => loss,
        }
    }
}

#[test]
fn several_updaters_count_by_themselves_and_are_told_apart() {
    let data = Dataset::with_targets(vec![Tensor::from([1.0_f64])], Vec::new()).unwrap();
    let mut trainer = Trainer::with_step(Pair::new("two")).unwrap();
    let value = |trainer: &Trainer, name: &str| -> f64 {
        trainer.variable(&format!("model.{name}")).unwrap().value().to_scalar().unwrap()
    };
    let (mut first, mut second) = (1.0_f64, 2.0_f64);
    for step in 1..=4 {
        trainer.train_on_batch(&data).unwrap();
        // Two gradients of the first in a step, which change it by their mean; one of the second.
        first -= 0.25 * 2.0 * (first - 3.0);
        if step % 2 == 0 {
            second -= 0.25 * 2.0 * (second - 3.0);
        }
        assert!((value(&trainer, "first") - first).abs() < 1e-12);
        assert!((value(&trainer, "second") - second).abs() < 1e-12, "{step}");
    }
    let words = ["2 updaters, updaters.0, updaters.1", "trainer.set_learning_rate_of(\"updaters.0\", rate)"];
    says(trainer.set_learning_rate(0.1), &words);
    says(trainer.learning_rate(), &["trainer.learning_rate_of(\"updaters.0\")"]);
    trainer.set_learning_rate_of("updaters.1", 0.0).unwrap();
    assert!((trainer.learning_rate_of("updaters.0").unwrap() - 0.25).abs() < 1e-7);
    trainer.train_on_batch(&data).unwrap();
    trainer.train_on_batch(&data).unwrap();
    assert!((value(&trainer, "second") - second).abs() < 1e-12);
    assert!((value(&trainer, "first") - first).abs() > 1e-3);

    let mut none = Trainer::with_step(Pair::new("none")).unwrap();
    says(none.set_learning_rate(0.1), &["has no updater", "`Updater`"]);
    says(none.set_learning_rate_of("a", 0.1), &["no optimizer `a`; there are none"]);
    says(
        Trainer::with_step(Pair::new("part")),
        &["gradients are accumulated", "none of `1`", "an updater for each module"],
    );
    says(Trainer::with_step(Pair::new("scaled")), &["`updater.minimize(", "tests/updaters.rs"]);
}

#[test]
fn an_updater_that_was_restored_keeps_its_rules() {
    let directory = tempfile::tempdir().unwrap();
    by_hand(|updater| updater.clip_norm(0.5)).unwrap().save(directory.path()).unwrap();
    let restored = || holotype::restore::<ByHand>(directory.path()).unwrap();
    Trainer::with_step(restored()).unwrap().train_on_batch(&data()).unwrap();
    let ByHand { model, updater } = restored();
    let changed = Trainer::with_step(ByHand { model, updater: updater.clip_norm(0.1) });
    says(changed, &["restored", "`Updater::new`"]);
}
