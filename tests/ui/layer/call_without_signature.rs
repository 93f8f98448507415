//! A `call` without a signature.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    fn call(&self, input: &Tensor, mask: &Tensor) -> Tensor {
        let _ = mask;
        input.clone()
    }
}

fn main() {}
