//! `#[train_step]` takes nothing.
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

#[train_step(epochs = 3)]
impl Model {
    #[signature(x = [batch, 2; f32])]
    fn train_step(&self, x: &Tensor) -> Tensor {
        x.mean()
    }
}

fn main() {}
