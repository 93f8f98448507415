//! A step of another name.
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
    #[signature(x = [batch, 2; f32])]
    fn train(&self, x: &Tensor) -> Tensor {
        x.mean()
    }
}

fn main() {}
