//! Plain parameters without values.
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
    #[signature(x = [; f32])]
    fn call(&self, x: &Tensor, causal: bool, name: &str) -> Tensor {
        let _ = (causal, name);
        x.clone()
    }
}

fn main() {}
