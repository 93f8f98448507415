//! A signature that names no parameter.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32], mask = [None; bool])]
    fn call(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
