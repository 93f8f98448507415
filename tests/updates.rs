//! Variables that are changed behind the products that are their gradients: the bits of gradients that are whole first.

#![allow(clippy::unwrap_used)]

use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::tensor::TensorType;
use holotype::transform::grad;

/// Numbers that are neither whole nor in order.
fn numbers(sizes: &[usize], seed: usize) -> Tensor {
    let count = sizes.iter().product::<usize>();
    let values: Vec<f32> =
        (0..count).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1641.0 - 0.61).collect();
    Tensor::from_vec(sizes, values)
}

/// Two layers; the first weights also come back at the end, turned, where `tied`.
fn forward(x: &Tensor, first: &Tensor, second: &Tensor, tied: bool) -> Tensor {
    let hidden = x.matmul(first).relu();
    let hidden = if tied { hidden.matmul(first.t()).matmul(first) } else { hidden };
    hidden.matmul(second)
}

#[derive(Module)]
struct TwoLayers {
    first: Variable,
    second: Variable,
    tied: bool,
}

#[layer]
impl TwoLayers {
    fn new([inputs, hidden, outputs]: [usize; 3], tied: bool) -> Self {
        Self {
            first: Variable::new(numbers(&[inputs, hidden], 1)),
            second: Variable::new(numbers(&[hidden, outputs], 2)),
            tied,
        }
    }

    #[signature(x = [batch, None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        forward(x, &self.first.value(), &self.second.value(), self.tied)
    }
}

/// Momentum, and a second slot that takes its turn.
#[derive(Module)]
struct Momentum {
    rate: f32,
}

/// The next value and slots.
fn rule(value: &Tensor, gradient: &Tensor, m: &Tensor, v: &Tensor, rate: f32) -> [Tensor; 3] {
    let next_m = m * 0.9 + gradient * 0.25;
    let next_v = v * 0.75 + gradient.square();
    let next = value - &next_m * rate / (next_v.sqrt() + 1e-3);
    [next, next_m, next_v]
}

#[optimizer]
impl Optimizer for Momentum {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        ["m", "v"].map(|name| (name, Tensor::zeros(variable.shape.clone()))).to_vec()
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let [m, v] = slots else { return value.clone() };
        let [next, next_m, next_v] = rule(value, gradient, &m.value(), &v.value(), self.rate);
        m.assign(next_m);
        v.assign(next_v);
        next
    }
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    tensor.to_vec::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
}

/// Trains three steps, and checks each against gradients and updates that are computed one by one.
fn check(sizes: [usize; 3], batch: usize, tied: bool) {
    let [inputs, hidden, outputs] = sizes;
    let (x, y) = (numbers(&[batch, inputs], 3), numbers(&[batch, outputs], 4));
    let rate = 0.01;
    for threads in 1..=3 {
        holotype::threads(threads);
        let model = TwoLayers::new(sizes, tied);
        let mut trainer = Trainer::new(model, Momentum { rate }, mean_squared_error).build().unwrap();
        let mut variables = (numbers(&[inputs, hidden], 1), numbers(&[hidden, outputs], 2));
        let mut slots: Vec<[Tensor; 2]> = [&variables.0, &variables.1]
            .map(|variable| [variable.zeros_like(), variable.zeros_like()])
            .to_vec();
        for step in 0..3 {
            trainer.train_on_batch(&Dataset::new(&x, &y).unwrap()).unwrap();
            let loss = |(first, second): &(Tensor, Tensor)| {
                mean_squared_error(&y, &forward(&x, first, second, tied))
            };
            let (first, second) = grad(loss, &variables);
            let mut next = |value: &Tensor, gradient: &Tensor, index: usize| {
                let [m, v] = &slots[index];
                let [value, m, v] = rule(value, gradient, m, v, rate);
                slots[index] = [m, v];
                value
            };
            variables = (next(&variables.0, &first, 0), next(&variables.1, &second, 1));
            for (path, expected) in [
                ("slots.first.m", &slots[0][0]),
                ("model.first", &variables.0),
                ("model.second", &variables.1),
                ("slots.second.v", &slots[1][1]),
            ] {
                let found = trainer.variable(path).unwrap().value();
                let (found, expected) = (bits(&found), bits(expected));
                let other = found.iter().zip(&expected).position(|(found, expected)| found != expected);
                let case = format!("{path} after step {step}, {sizes:?}, tied: {tied}, {threads} threads");
                assert!(
                    found.len() == expected.len() && other.is_none(),
                    "{case}: element {other:?} differs"
                );
            }
        }
    }
    holotype::threads(0);
}

#[test]
fn updates_behind_products_have_the_bits_of_updates_after_them() {
    for tied in [false, true] {
        check([70, 130, 33], 9, tied);
        check([5, 3, 1], 1, tied);
        check([70, 1100, 33], 20, tied);
    }
    check([150, 1050, 7], 290, false);
}
