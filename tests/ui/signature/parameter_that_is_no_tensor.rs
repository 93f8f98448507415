//! A parameter that is no tensor.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor, training: bool) -> Tensor {
        let _ = training;
        input.clone()
    }
}

fn main() {}
