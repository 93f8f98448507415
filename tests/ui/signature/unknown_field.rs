//! A size from a field that is not there.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, self.width; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn main() {}
