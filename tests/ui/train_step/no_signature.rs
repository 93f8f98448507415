//! A step without a signature.
use holotype::prelude::*;

#[derive(Module)]
struct Model {
    weights: Variable,
}

#[layer]
impl Model {
    #[signature(x = [batch, 2; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.weights
    }
}

#[train_step]
impl Model {
    fn train_step(&self, real: &Tensor, labels: &Tensor) -> Tensor {
        real - labels
    }
}

fn main() {}
