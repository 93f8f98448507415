//! Two steps.
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
    fn train_step(&self, x: &Tensor) -> Tensor {
        x.mean()
    }

    #[signature(x = [batch, 3; f32])]
    fn train_step(&self, x: &Tensor) -> Tensor {
        x.sum()
    }
}

fn main() {}
