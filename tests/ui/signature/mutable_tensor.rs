//! A tensor behind a mutable reference.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &mut Tensor) -> Tensor {
        input.matmul(&self.weights)
    }
}

fn main() {}
