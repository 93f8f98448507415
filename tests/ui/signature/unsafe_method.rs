//! A method that takes promises.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    unsafe fn call(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
