//! A static argument that cannot be written into a saved model.
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
    #[signature(x = [; f32], kind in [Kind])]
    fn call(&self, x: &Tensor, kind: Kind) -> Tensor {
        x.clone()
    }
}

fn main() {}

#[derive(Clone, PartialEq)]
struct Kind;
