//! A function without a layer.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
