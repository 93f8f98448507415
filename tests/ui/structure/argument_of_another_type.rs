//! A value of another type than the parameter.
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
    #[signature(x = [; f32], causal in [true, 2])]
    fn call(&self, x: &Tensor, causal: bool) -> Tensor {
        x.clone()
    }
}

fn main() {}
