//! A tensor parameter that the signature says nothing about.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor, mask: &Tensor) -> Tensor {
        let _ = mask;
        input.clone()
    }
}

fn main() {}
