//! A range of a size that no input has.
use holotype::prelude::*;

#[derive(Structure)]
struct Inputs {
    image: Tensor,
    mask: Option<Tensor>,
}

#[derive(Module)]
struct Model;

#[layer]
impl Model {
    #[signature(x = [batch, seq; f32], bacth in 1..=64)]
    fn call(&self, x: &Tensor) -> Tensor {
        x.clone()
    }
}

fn main() {}
