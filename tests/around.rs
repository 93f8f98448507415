//! What is done around an optimizer: groups, clipping, accumulation, averages, freezing, scaling, regularizers, constraints.

#![allow(clippy::unwrap_used, missing_docs)]

use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::train::optimizers::AdamW;
use holotype::train::schedules::StepDecay;
use holotype::train::{LossScale, TrainerBuilder, constraints, regularizers};

/// `x w + b`, from zeros, in two parts.
#[derive(Module)]
struct Affine {
    w: Variable,
    b: Variable,
}

#[layer]
impl Affine {
    fn new(dtype: DType) -> Self {
        let w = Tensor::from([[0.5_f64, -0.25], [1.0, 0.125], [-0.75, 2.0]]).cast(dtype);
        Self { w: Variable::new(w), b: Variable::new(Tensor::from([0.25_f64, -0.5]).cast(dtype)) }
    }

    #[signature(x = [None, 3; float])]
    fn call(&self, x: &Tensor) -> Tensor {
        x.matmul(&self.w) + &self.b
    }
}

fn numbers(rows: usize, columns: usize, step: u32, dtype: DType) -> Tensor {
    let number = |i: usize| (f64::from((i as u32 * step) % 13) - 6.0) / 8.0;
    Tensor::from_vec([rows, columns], (0..rows * columns).map(number).collect()).cast(dtype)
}

fn data(dtype: DType) -> Dataset {
    Dataset::new(numbers(8, 3, 5, dtype), numbers(8, 2, 3, dtype)).unwrap()
}

fn builder(optimizer: impl Optimizer) -> TrainerBuilder {
    Trainer::new(Affine::new(DType::F64), optimizer, mean_squared_error)
}

fn fit(trainer: &mut Trainer, epochs: u64, batch: usize) {
    trainer.fit(&data(DType::F64), Fit::epochs(epochs).batch_size(batch).shuffle(false).quiet()).unwrap();
}

fn value(trainer: &Trainer, path: &str) -> Vec<f64> {
    trainer.variable(path).unwrap().value().cast(DType::F64).to_vec().unwrap()
}

fn weights(trainer: &Trainer) -> Vec<f64> {
    [value(trainer, "model.w"), value(trainer, "model.b")].concat()
}

fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (one, other) in found.iter().zip(expected) {
        assert!((one - other).abs() <= 1e-12, "{found:?} and {expected:?}");
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

/// What plain descent with rate 1 takes off the weights in one step: the gradient.
fn gradient(of: TrainerBuilder) -> Vec<f64> {
    let mut trainer = of.build().unwrap();
    let before = weights(&trainer);
    fit(&mut trainer, 1, 8);
    before.iter().zip(weights(&trainer)).map(|(before, after)| before - after).collect()
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

#[test]
fn gradients_are_clipped() {
    let plain = gradient(builder(Sgd::new(1.0)));
    assert!(plain.iter().any(|g| g.abs() > 0.3) && plain.iter().any(|g| g.abs() < 0.3), "{plain:?}");

    let expected: Vec<f64> = plain.iter().map(|g| g.clamp(-0.3, 0.3)).collect();
    assert_near(&gradient(builder(Sgd::new(1.0)).clip_value(0.3)), &expected);

    let whole = norm(&plain);
    let expected: Vec<f64> = plain.iter().map(|g| g * 0.1 / whole).collect();
    assert_near(&gradient(builder(Sgd::new(1.0)).clip_global_norm(0.1)), &expected);
    assert_near(&gradient(builder(Sgd::new(1.0)).clip_global_norm(whole * 2.0)), &plain);

    let (of_w, of_b) = plain.split_at(6);
    let limit = f64::midpoint(norm(of_w), norm(of_b));
    let scaled = |part: &[f64]| {
        let factor = (limit / norm(part)).min(1.0);
        part.iter().map(|g| g * factor).collect::<Vec<_>>()
    };
    assert_near(&gradient(builder(Sgd::new(1.0)).clip_norm(limit)), &[scaled(of_w), scaled(of_b)].concat());

    // In the order that is said.
    let both = gradient(builder(Sgd::new(1.0)).clip_value(0.3).clip_global_norm(0.1));
    let clipped: Vec<f64> = plain.iter().map(|g| g.clamp(-0.3, 0.3)).collect();
    let whole = norm(&clipped);
    assert_near(&both, &clipped.iter().map(|g| g * 0.1 / whole).collect::<Vec<_>>());
}

#[test]
fn accumulated_steps_are_one_step_of_a_larger_batch() {
    let optimizer = || Adam::new(StepDecay::new(0.05, 2, 0.5));
    let mut large = builder(optimizer()).build().unwrap();
    let mut small = builder(optimizer()).accumulate(4).build().unwrap();
    let start = weights(&small);
    for _ in 0..5 {
        fit(&mut large, 1, 8);
        fit(&mut small, 1, 2);
        assert_near(&weights(&small), &weights(&large));
    }
    assert_ne!(weights(&small), start);
    assert_eq!(value(&small, "optimizer.iterations"), [5.0]);
    assert_eq!(value(&small, "optimizer.learning_rate.step"), [5.0]);

    // Three of four: nothing moves yet, and the run is saved with what it has gathered.
    let mut waiting = builder(optimizer()).accumulate(4).build().unwrap();
    fit(&mut waiting, 1, 3);
    assert_eq!(weights(&waiting), start);
    assert_eq!(value(&waiting, "accumulated"), [3.0]);
    let mut loaded = stopped(&waiting);
    fit(&mut waiting, 1, 3);
    fit(&mut loaded, 1, 3);
    assert_ne!(weights(&waiting), start);
    assert_eq!(fingerprint(&waiting), fingerprint(&loaded));
}

#[test]
fn averages_follow_the_weights_and_stand_in_for_them() {
    let mut trainer = builder(Sgd::new(0.1)).average(0.75).build().unwrap();
    let mut average = weights(&trainer);
    for _ in 0..4 {
        fit(&mut trainer, 1, 8);
        for (average, weight) in average.iter_mut().zip(weights(&trainer)) {
            *average = *average * 0.75 + weight * 0.25;
        }
    }
    let found = [value(&trainer, "averages.w"), value(&trainer, "averages.b")].concat();
    assert_near(&found, &average);

    let mut loaded = stopped(&trainer);
    for trainer in [&mut trainer, &mut loaded] {
        let before = fingerprint(trainer);
        let plain = trainer.evaluate(&data(DType::F64)).unwrap();
        let averaged = trainer.with_averages(|trainer| {
            assert_near(&weights(trainer), &average);
            trainer.evaluate(&data(DType::F64))
        });
        assert_ne!(averaged.unwrap(), plain);
        let error = trainer.with_averages(|trainer| trainer.set_learning_rate(f64::NAN)).unwrap_err();
        assert!(error.to_string().contains("NaN"));
        assert_eq!(fingerprint(trainer), before);
    }
    let error = builder(Sgd::new(0.1)).build().unwrap().with_averages(|_| Ok(())).unwrap_err().to_string();
    assert!(error.contains(".average(0.999)"), "{error}");
}

#[test]
fn groups_have_optimizers_of_their_own() {
    let plain = gradient(builder(Sgd::new(1.0)));
    let grouped = gradient(builder(Sgd::new(1.0)).group("b", Sgd::new(0.25)).group("*", Sgd::new(0.5)));
    let expected: Vec<f64> =
        plain.iter().enumerate().map(|(at, g)| g * if at < 6 { 0.5 } else { 0.25 }).collect();
    assert_near(&grouped, &expected);

    let mut trainer = builder(AdamW::new(0.01)).group("b", Sgd::new(0.1).momentum(0.5)).build().unwrap();
    assert!(trainer.variable("slots.b.velocity").is_ok() && trainer.variable("slots.w.m").is_ok());
    assert!(trainer.variable("slots.b.m").is_err());
    fit(&mut trainer, 2, 3);
    let mut loaded = stopped(&trainer);
    fit(&mut trainer, 2, 3);
    fit(&mut loaded, 2, 3);
    assert_eq!(fingerprint(&trainer), fingerprint(&loaded));
    assert_eq!(value(&loaded, "groups.0.learning_rate").len(), 1);
}

#[test]
fn frozen_variables_stay_and_go_on_later() {
    let mut trainer = builder(Adam::new(0.1)).freeze("b").clip_global_norm(1.0).build().unwrap();
    let start = weights(&trainer);
    fit(&mut trainer, 2, 8);
    assert_eq!(weights(&trainer)[6..], start[6..]);
    assert_ne!(weights(&trainer)[..6], start[..6]);
    assert_eq!(value(&trainer, "slots.b.m"), [0.0, 0.0]);
    // A loaded run can change what was named when it was built, and only that.
    let mut loaded = stopped(&trainer);
    loaded.unfreeze("*").unwrap();
    fit(&mut loaded, 1, 8);
    assert_ne!(weights(&loaded)[6..], start[6..]);
    let held = weights(&loaded);
    loaded.freeze("b").unwrap();
    fit(&mut loaded, 1, 8);
    assert_eq!(weights(&loaded)[6..], held[6..]);
    let error = loaded.freeze("w").unwrap_err().to_string();
    assert!(error.contains("always train w") && error.contains(".freezable(\"w\")"), "{error}");
    let error = loaded.freeze("encoder.*").unwrap_err().to_string();
    assert!(error.contains("`encoder.*` concerns nothing: the trainable variables are w, b"), "{error}");

    // With the code, anything can be frozen; what is known of the run stays.
    let held = weights(&trainer);
    trainer.freeze("w").unwrap();
    trainer.unfreeze("b").unwrap();
    fit(&mut trainer, 1, 8);
    assert_eq!(weights(&trainer)[..6], held[..6]);
    assert_ne!(weights(&trainer)[6..], held[6..]);
    assert_eq!(value(&trainer, "optimizer.iterations"), [3.0]);
    let mut loaded = stopped(&trainer);
    loaded.unfreeze("w").unwrap();
    fit(&mut loaded, 1, 8);
    assert_ne!(weights(&loaded)[..6], held[..6]);
}

#[test]
fn a_scaled_loss_gives_the_same_gradients() {
    let plain = gradient(builder(Sgd::new(1.0)));
    // A power of two rounds nothing.
    assert_eq!(gradient(builder(Sgd::new(1.0)).loss_scale(LossScale::fixed(1024.0))), plain);
}

#[test]
fn a_dynamic_scale_grows_and_shrinks_and_leaves_bad_steps_out() {
    let scale = LossScale::dynamic().initial(16.0).growth_interval(2);
    let model = Affine::new(DType::F32);
    let data = data(DType::F32);
    let mut trainer = Trainer::new(model, Adam::new(0.01), mean_squared_error)
        .loss_scale(scale)
        .average(0.5)
        .build()
        .unwrap();
    let fit = |trainer: &mut Trainer, data: &Dataset, epochs| {
        trainer.fit(data, Fit::epochs(epochs).batch_size(8).quiet()).unwrap();
    };
    fit(&mut trainer, &data, 4);
    assert_eq!(value(&trainer, "loss_scale.scale"), [64.0]);
    assert_eq!(value(&trainer, "optimizer.iterations"), [4.0]);
    // The loss is finite, and what it is scaled to is not.
    trainer.variable("loss_scale.scale").unwrap().set(Tensor::from(3e38_f32).into_data().unwrap()).unwrap();
    let held = (weights(&trainer), value(&trainer, "slots.w.m"), value(&trainer, "averages.w"));
    let large = Dataset::new(&data.inputs()[0] * 1e3, data.targets()).unwrap();
    fit(&mut trainer, &large, 1);
    assert_eq!((weights(&trainer), value(&trainer, "slots.w.m"), value(&trainer, "averages.w")), held);
    assert_eq!(value(&trainer, "optimizer.iterations"), [4.0]);
    assert!((value(&trainer, "loss_scale.scale")[0] - 1.5e38).abs() < 1e32);
    assert_eq!(value(&trainer, "loss_scale.good"), [0.0]);
    let mut loaded = stopped(&trainer);
    fit(&mut trainer, &data, 3);
    fit(&mut loaded, &data, 3);
    assert_eq!(fingerprint(&trainer), fingerprint(&loaded));
}

#[test]
fn regularizers_add_to_the_loss_and_its_gradient() {
    let of = |factor: f64| builder(Sgd::new(1.0)).regularize("w", regularizers::l2(factor));
    let (plain, penalised) = (gradient(builder(Sgd::new(1.0))), gradient(of(0.25)));
    let start = weights(&builder(Sgd::new(1.0)).build().unwrap());
    let expected: Vec<f64> =
        (0..8).map(|at| plain[at] + if at < 6 { 0.5 * start[at] } else { 0.0 }).collect();
    assert_near(&penalised, &expected);
    let loss = |builder: TrainerBuilder| {
        builder.build().unwrap().evaluate(&data(DType::F64)).unwrap().get("loss").unwrap()
    };
    let squares: f64 = start[..6].iter().map(|w| w * w).sum();
    assert!((loss(of(0.25)) - loss(builder(Sgd::new(1.0))) - 0.25 * squares).abs() < 1e-12);
}

#[test]
fn constraints_hold_after_every_step() {
    let mut trainer = builder(Sgd::new(0.5))
        .constrain("w", constraints::max_norm(0.5, 0))
        .constrain("b", constraints::non_negative())
        .build()
        .unwrap();
    fit(&mut trainer, 3, 3);
    let w = value(&trainer, "model.w");
    for column in 0..2 {
        assert!(norm(&[w[column], w[column + 2], w[column + 4]]) <= 0.5 + 1e-6, "{w:?}");
    }
    assert!(value(&trainer, "model.b").iter().all(|b| *b >= 0.0));
    let mut loaded = stopped(&trainer);
    fit(&mut trainer, 1, 3);
    fit(&mut loaded, 1, 3);
    assert_eq!(fingerprint(&trainer), fingerprint(&loaded));
}

#[test]
fn all_of_it_together_goes_on_where_it_stopped() {
    let start = builder(AdamW::new(StepDecay::new(0.05, 3, 0.5)))
        .group("b", Sgd::new(0.1).momentum(0.9))
        .regularize("*", regularizers::l1(0.01))
        .constrain("w", constraints::unit_norm(0))
        .clip_norm(2.0)
        .clip_global_norm(1.0)
        .accumulate(2)
        .average(0.9)
        .freezable("b")
        .loss_scale(LossScale::dynamic().growth_interval(3))
        .build()
        .unwrap();
    let (mut whole, mut first) = (stopped(&start), stopped(&start));
    fit(&mut whole, 5, 3);
    fit(&mut first, 2, 3);
    let mut second = stopped(&first);
    fit(&mut second, 3, 3);
    assert_eq!(fingerprint(&whole), fingerprint(&second));
    assert_ne!(fingerprint(&whole), fingerprint(&start));
}

#[test]
fn rules_that_make_no_sense_say_so() {
    let error = |builder: TrainerBuilder| builder.build().err().unwrap().to_string();
    for (found, expected) in [
        (error(builder(Sgd::new(0.1)).clip_norm(0.0)), "give a limit above 0"),
        (error(builder(Sgd::new(0.1)).accumulate(0)), "over 0 steps"),
        (error(builder(Sgd::new(0.1)).average(1.5)), "decays by 1.5"),
        (error(builder(Sgd::new(0.1)).loss_scale(LossScale::fixed(f32::NAN))), "scaled by NaN"),
        (error(builder(Sgd::new(0.1)).group("c.*", Sgd::new(0.1))), "the trainable variables are w, b"),
        (error(builder(Sgd::new(0.1)).freeze("c")), "`c` concerns nothing"),
        (error(builder(Sgd::new(0.1)).regularize("c", regularizers::l1(0.1))), "the regularizer for `c`"),
        (error(builder(Sgd::new(0.1)).constrain("c", constraints::non_negative())), "the constraint for `c`"),
    ] {
        assert!(found.contains(expected), "{found}");
    }
}
