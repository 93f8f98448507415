//! A signature that names no parameter, but means one.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(inputs = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
