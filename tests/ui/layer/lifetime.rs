//! A layer that borrows.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

#[layer]
impl<'a> Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input + &self.weights
    }
}

fn main() {}
