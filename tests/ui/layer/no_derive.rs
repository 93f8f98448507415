//! A layer that is no module.
use holotype::prelude::*;

struct Dense {
    weights: Variable,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input + &self.weights
    }

    #[signature(input = [None; f32])]
    fn encode(&self, input: &Tensor) -> Tensor {
        self.call(input)
    }
}

fn main() {}
