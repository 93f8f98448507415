//! Products and convolutions run as one step with what follows them element by element, and give the same bits.

#![allow(clippy::unwrap_used)]

use holotype::layers::{Conv2d, Dense, Function};
use holotype::prelude::*;

/// Numbers that are neither whole nor in order.
fn numbers(sizes: &[usize]) -> Tensor {
    let count = sizes.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|i| ((i * 7919) % 2003) as f32 / 641.0 - 1.55).collect();
    Tensor::from_vec(sizes, values)
}

/// The steps of a plan but for those that read variables, and what it gives.
fn steps(layer: &dyn Layer, input: &Tensor) -> (Vec<String>, Vec<Tensor>) {
    let program = Program::trace(layer).unwrap();
    let inputs = [input.clone()];
    let plan = program.function("call").explain(&inputs).unwrap();
    let numbered = |line: &&str| {
        let line = line.trim_start();
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < line.len() && rest.starts_with("  ") && !rest.contains("read variable")
    };
    let steps = plan.lines().skip(1).filter(numbered).map(str::to_owned).collect();
    (steps, program.call(&inputs).unwrap())
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    tensor.to_vec::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
}

/// Checks that a layer runs in so many steps, `merged` of them made of two, and gives what its ops give one by one.
fn check(layer: &dyn Layer, input: &Tensor, count: usize, merged: usize, eager: &[Tensor]) {
    for threads in 1..=3 {
        holotype::threads(threads);
        let (steps, outputs) = steps(layer, input);
        assert_eq!(steps.len(), count, "{steps:#?}");
        assert_eq!(steps.iter().filter(|step| step.contains(" then ")).count(), merged, "{steps:#?}");
        assert_eq!(outputs.len(), eager.len());
        for (output, eager) in outputs.iter().zip(eager) {
            assert_eq!(bits(output), bits(eager), "on {threads} threads");
        }
    }
    holotype::threads(0);
}

#[test]
fn a_dense_layer_with_an_activation_is_one_step() {
    for sizes in [[1, 70], [33, 70], [400, 300]] {
        let dense = Dense::new(sizes[1], 130).activation(Function::Relu);
        let x = numbers(&sizes);
        check(&dense, &x, 1, 1, &[dense.call(&x)]);
    }
}

#[test]
fn a_convolution_with_an_activation_is_one_step() {
    let cases = [([1, 9, 8, 3], 5), ([7, 28, 28, 1], 32), ([2, 30, 31, 16], 48), ([3, 17, 20, 64], 96)];
    for (sizes, features) in cases {
        let convolution = Conv2d::new(sizes[3], features, 3).activation(Function::Relu);
        let x = numbers(&sizes);
        check(&convolution, &x, 1, 1, &[convolution.call(&x)]);
    }
}

#[derive(Module)]
struct Attention {
    weights: Variable,
    bias: Variable,
}

#[layer]
impl Attention {
    fn new() -> Self {
        Self { weights: Variable::new(numbers(&[40, 90])), bias: Variable::new(numbers(&[90])) }
    }

    #[signature(x = [batch, None, 40; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        (x.matmul(&self.weights) * 0.125 + &self.bias).softmax(-1)
    }
}

#[test]
fn a_product_with_a_softmax_is_one_step() {
    let layer = Attention::new();
    for sizes in [[1, 1, 40], [3, 7, 40], [20, 50, 40]] {
        let x = numbers(&sizes);
        check(&layer, &x, 1, 1, &[layer.call(&x)]);
    }
}

#[derive(Module)]
struct Kept {
    weights: Variable,
}

#[layer]
impl Kept {
    fn new() -> Self {
        Self { weights: Variable::new(numbers(&[30, 30])) }
    }

    /// The product comes out, and both parts of the loop behind it; the second product is read out of order first.
    #[signature(x = [None, 30; f32])]
    fn call(&self, x: &Tensor) -> (Tensor, Tensor, Tensor, Tensor) {
        let product = x.matmul(&self.weights);
        let squares = product.square();
        let next = squares.matmul(&self.weights);
        let turned = next.transpose([1, 0]).exp();
        (product.clone(), squares, &next + 1.0, turned)
    }
}

#[test]
fn what_else_reads_a_product_sees_it() {
    let layer = Kept::new();
    let x = numbers(&[50, 30]);
    let (a, b, c, d) = layer.call(&x);
    let program = Program::trace(&layer).unwrap();
    let outputs = program.call(&[x]).unwrap();
    for (output, eager) in outputs.iter().zip([a, b, c, d]) {
        assert_eq!(bits(output), bits(&eager));
    }
}
