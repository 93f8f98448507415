//! A slice, whose length nobody knows.
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
    #[signature(input = [[; f32]; 2])]
    fn call(&self, input: &[Tensor]) -> Tensor {
        input[0].clone()
    }
}

fn main() {}
