//! Values for a tensor.
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
    #[signature(x in [1.0, 2.0], y = [; f32])]
    fn call(&self, x: &Tensor, y: &Tensor) -> Tensor {
        x + y
    }
}

fn main() {}
