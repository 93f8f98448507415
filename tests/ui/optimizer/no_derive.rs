//! An optimizer that is no module.
use holotype::prelude::*;
use holotype::tensor::TensorType;

/// `w - rate * g`
struct Momentum {
    rate: f32,
}

#[optimizer]
impl Optimizer for Momentum {
    fn slots(&self, _: &TensorType) -> Vec<(&'static str, Tensor)> {
        Vec::new()
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, _: &[Variable]) -> Tensor {
        value - gradient * self.rate
    }
}

fn main() {}
