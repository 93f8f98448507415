//! A size from a field that may hold none.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: Option<usize>,
}

#[layer]
impl Dense {
    #[signature(input = [None, self.units; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input.matmul(&self.weights)
    }
}

fn main() {}
