//! Values for a size.
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
    #[signature(x = [batch; f32], batch in [1, 2])]
    fn call(&self, x: &Tensor) -> Tensor {
        x.clone()
    }
}

fn main() {}
