//! A layout that lacks a field of the struct.
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
    #[signature(input = { image: [None; f32] })]
    fn call(&self, input: &Inputs) -> Tensor {
        input.image.clone()
    }
}

fn main() {}
