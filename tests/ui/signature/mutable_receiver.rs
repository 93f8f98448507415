//! A layer that is changed by its call.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&mut self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
