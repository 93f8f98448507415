//! `none` is no name of a size.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [none, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
