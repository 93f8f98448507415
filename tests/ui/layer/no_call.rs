//! A layer that cannot be called.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn forward(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
