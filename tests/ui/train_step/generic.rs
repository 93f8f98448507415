//! A generic step.
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
impl<T> Wrapper<T> {
    #[signature(x = [batch, 2; f32])]
    fn train_step(&self, x: &Tensor) -> Tensor {
        x.mean()
    }
}

struct Wrapper<T>(T);

fn main() {}
