//! A method that returns no tensor.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> f32 {
        let _ = input;
        0.5
    }
}

fn main() {}
