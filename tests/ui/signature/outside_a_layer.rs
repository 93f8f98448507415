//! A signature outside of a `#[layer]` block.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input + &self.weights
    }
}

fn main() {}
