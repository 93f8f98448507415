//! Two functions of the saved model with one name.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input.clone()
    }

    #[signature(input = [None; f32])]
    fn encode(&self, input: &Tensor) -> Tensor {
        input.clone()
    }

    fn encode(&self) {}
}

fn main() {}
