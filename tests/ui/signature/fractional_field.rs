//! A size from a field that holds a fraction.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: f32,
}

#[layer]
impl Dense {
    #[signature(input = [None, self.units; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input.matmul(&self.weights)
    }
}

fn main() {}
