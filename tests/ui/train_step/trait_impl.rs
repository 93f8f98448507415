//! A step is written on the type itself.
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
impl holotype::train::TrainStep for Model {
    #[signature(x = [batch, 2; f32])]
    fn train_step(&self, x: &Tensor) -> Tensor {
        x.mean()
    }
}

fn main() {}
