//! A parameter without a plain name.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, Wrapped(input): &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
