//! A block without a step.
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
    fn helper(&self) -> Tensor {
        self.weights.value()
    }
}

fn main() {}
