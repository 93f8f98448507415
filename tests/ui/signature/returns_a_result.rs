//! A method that returns a `Result`.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> holotype::Result<Tensor> {
        Ok(input.clone())
    }
}

fn main() {}
