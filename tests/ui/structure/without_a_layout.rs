//! A structured parameter that the signature does not mention.
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
    #[signature(other = [None; f32])]
    fn call(&self, input: &Inputs, other: &Tensor) -> Tensor {
        input.image.clone() + other
    }
}

fn main() {}
