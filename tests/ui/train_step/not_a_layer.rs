//! A step of what is no layer.
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

#[derive(Module)]
struct Other {
    weights: Variable,
}

#[train_step]
impl Other {
    #[signature(x = [batch, 2; f32])]
    fn train_step(&self, x: &Tensor) -> Tensor {
        (x * &self.weights).mean()
    }
}

fn main() {}
