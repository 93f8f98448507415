//! Fewer outputs than tensors.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32] -> [; f32])]
    fn call(&self, input: &Tensor) -> (Tensor, Tensor) {
        (input.clone(), input.clone())
    }
}

fn main() {}
