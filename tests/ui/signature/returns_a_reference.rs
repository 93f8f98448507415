//! A method that lends a tensor.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> &Tensor {
        let _ = input;
        unimplemented!()
    }
}

fn main() {}
