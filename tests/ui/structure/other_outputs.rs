//! Stated outputs of another layout than what is returned.
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
    #[signature(input = [; f32] -> ([; f32], { a: [; f32] }, [; f32]))]
    fn call(&self, input: &Tensor) -> (Tensor, Tensor) {
        (input.clone(), input.clone())
    }
    #[signature(input = [; f32] -> ([; f32], { a: [; f32] }))]
    fn nested(&self, input: &Tensor) -> (Tensor, Tensor) {
        (input.clone(), input.clone())
    }
}

fn main() {}
