//! All mistakes of a step at once.
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
    #[signature(x = [batch, 2; complex64], y = [batch; f32])]
    async fn train_step(x: f32) -> f32 {
        x
    }
}

fn main() {}
