//! More outputs than tensors.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32] -> (mean = [; f32], scale = [; f32]))]
    fn call(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
