//! `#[layer]` on the impl of some trait.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

trait Forward {
    fn call(&self, input: &Tensor) -> Tensor;
}

#[layer]
impl Forward for Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input + &self.weights
    }
}

fn main() {}
