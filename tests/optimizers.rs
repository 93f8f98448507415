//! The ways of optimizers against those of other programs: `oracles/trajectories.py` computes them and says how.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;

use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::train::optimizers::{Adadelta, Adafactor, Adagrad, AdamW, Lamb, Lion, Muon, Nadam, RmsProp};

/// `x w + b`
#[derive(Module)]
struct Affine {
    w: Variable,
    b: Variable,
}

fn numbers(count: u32, number: impl Fn(u32) -> f64, sizes: &[usize], dtype: DType) -> Tensor {
    Tensor::from_vec(sizes, (0..count).map(number).collect()).cast(dtype)
}

#[layer]
impl Affine {
    fn new(dtype: DType) -> Self {
        let w = numbers(6, |i| (f64::from(i * 7 % 11) - 5.0) / 8.0, &[3, 2], dtype);
        let b = numbers(2, |i| [0.25, -0.5][i as usize], &[2], dtype);
        Self { w: Variable::new(w), b: Variable::new(b) }
    }

    #[signature(x = [None, 3; float])]
    fn call(&self, x: &Tensor) -> Tensor {
        x.matmul(&self.w) + &self.b
    }
}

fn problem(dtype: DType) -> Dataset {
    let x = numbers(24, |i| (f64::from(i * 5 % 13) - 6.0) / 8.0, &[8, 3], dtype);
    let y = numbers(16, |i| (f64::from(i * 3 % 7) - 3.0) / 4.0, &[8, 2], dtype);
    Dataset::new(x, y).unwrap()
}

/// How far the weights of a run are from those expected, in units in the last place of the greatest of them.
fn distance(name: &str, optimizer: impl Optimizer, dtype: DType) -> f64 {
    let expected: BTreeMap<u32, Vec<f64>> = include_str!("oracles/trajectories.txt")
        .lines()
        .filter_map(|line| {
            let [of, kind, step, weights] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let numbers = weights.split(',').map(|number| number.parse().unwrap()).collect();
            (of == name && kind == dtype.name()).then(|| (step.parse().unwrap(), numbers))
        })
        .collect();
    assert_eq!(expected.len(), 13, "{name}");
    let data = problem(dtype);
    let mut trainer = Trainer::new(Affine::new(dtype), optimizer, mean_squared_error).build().unwrap();
    let epsilon = if dtype == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    let mut farthest = 0.0_f64;
    for step in 1..=100 {
        trainer.fit(&data, Fit::epochs(1).batch_size(8).shuffle(false).quiet()).unwrap();
        let Some(expected) = expected.get(&step) else { continue };
        let value = |path: &str| trainer.variable(path).unwrap().value().cast(DType::F64);
        let found = [value("model.w").to_vec::<f64>().unwrap(), value("model.b").to_vec().unwrap()].concat();
        let greatest = expected.iter().fold(0.0_f64, |greatest, x| greatest.max(x.abs()));
        for (found, expected) in found.iter().zip(expected) {
            farthest = farthest.max((found - expected).abs() / (greatest * epsilon));
        }
    }
    farthest
}

/// Both dtypes, within as many units in the last place of the greatest weight.
fn check<O: Optimizer>(name: &str, optimizer: impl Fn() -> O, units: [f64; 2]) {
    for (dtype, units) in [DType::F64, DType::F32].into_iter().zip(units) {
        let found = distance(name, optimizer(), dtype);
        println!("{name} {dtype}: {found:.1} of {units}");
        assert!(found <= units, "{name} {dtype}: {found} units in the last place, more than {units}");
    }
}

#[test]
fn descent_and_its_momentum() {
    check("sgd", || Sgd::new(0.1), [32.0, 32.0]);
    check("sgd_l2", || Sgd::new(0.1).weight_decay(0.02), [32.0, 32.0]);
    check("sgdw", || Sgd::new(0.1).decoupled_weight_decay(0.02), [32.0, 32.0]);
    check("momentum", || Sgd::new(0.05).momentum(0.9), [64.0, 64.0]);
    check("nesterov", || Sgd::new(0.05).nesterov(0.9).weight_decay(0.02), [64.0, 64.0]);
}

#[test]
fn adam_and_its_kin() {
    check("adam", || Adam::new(0.05), [64.0, 64.0]);
    check("adam_l2", || Adam::new(0.05).betas(0.8, 0.95).epsilon(1e-3).weight_decay(0.02), [64.0, 64.0]);
    check("amsgrad", || Adam::new(0.3).betas(0.9, 0.95).amsgrad(), [64.0, 64.0]);
    check("adamw", || AdamW::new(0.05).weight_decay(0.1), [64.0, 64.0]);
    check("adamw_amsgrad", || AdamW::new(0.3).betas(0.9, 0.95).weight_decay(0.1).amsgrad(), [64.0, 64.0]);
    // PyTorch keeps the product of momenta in `f32` for weights of `f32`, and here it is `f64`.
    check("nadam", || Nadam::new(0.05), [64.0, 512.0]);
    // Near the minimum, a gradient of terms that cancel is divided by its own size, and so is what was rounded off it.
    check("nadam_l2", || Nadam::new(0.05).weight_decay(0.1), [1024.0, 1024.0]);
    check("nadam_decoupled", || Nadam::new(0.05).decoupled_weight_decay(0.02), [1024.0, 1024.0]);
}

#[test]
fn rates_of_each_weight() {
    check("adagrad", || Adagrad::new(0.3), [64.0, 64.0]);
    check("adagrad_other", || Adagrad::new(0.3).weight_decay(0.02).initial(0.1).epsilon(1e-3), [64.0, 64.0]);
    check("adadelta", || Adadelta::new(1.0), [64.0, 64.0]);
    check("adadelta_other", || Adadelta::new(1.0).rho(0.8).epsilon(1e-3).weight_decay(0.02), [64.0, 64.0]);
    // Near the optimum its steps hang on the last bits of gradients that are almost 0.
    check("rmsprop", || RmsProp::new(0.02), [4096.0, 4096.0]);
    let other = || RmsProp::new(0.01).rho(0.9).epsilon(1e-3).weight_decay(0.02).momentum(0.5).centered();
    check("rmsprop_other", other, [1024.0, 2048.0]);
    check("adafactor", || Adafactor::new(0.05), [64.0, 64.0]);
    let other = || Adafactor::new(0.5).decay(-0.5).smallest(0.01).clip(2.0).weight_decay(0.02);
    check("adafactor_other", other, [1024.0, 2048.0]);
}

#[test]
fn steps_of_a_given_length() {
    check("lion", || Lion::new(0.01), [64.0, 64.0]);
    check("lion_decay", || Lion::new(0.01).betas(0.8, 0.95).weight_decay(0.1), [64.0, 64.0]);
    check("lamb", || Lamb::new(0.02), [64.0, 64.0]);
    check("lamb_decay", || Lamb::new(0.02).weight_decay(0.1), [64.0, 64.0]);
    check("muon", || Muon::new(0.02).others(0.05), [1024.0, 1024.0]);
    let plain = || Muon::new(0.002).momentum(0.8).without_nesterov().weight_decay(0.0);
    check("muon_plain", plain, [1024.0, 1024.0]);
}
