//! A parameter whose type is no structure.
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
    #[signature(input = { image: [; f32] })]
    fn call(&self, input: &std::path::PathBuf) -> Tensor {
        Tensor::scalar(1.0_f32)
    }
}

fn main() {}
