//! The same output name twice.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None; f32] -> (mean = [; f32], mean = [; f32]))]
    fn call(&self, input: &Tensor) -> (Tensor, Tensor) {
        (input.clone(), input.clone())
    }
}

fn main() {}
