//! A trainer for a model without a step.
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

fn train(model: Model) -> holotype::Result<Trainer> {
    Trainer::with_step(model)
}

fn main() {}
