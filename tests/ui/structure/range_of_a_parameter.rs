//! Rules of sizes for what is a parameter.
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
    #[signature(x = [; f32], heads in 1..=4, x in 1..)]
    fn call(&self, x: &Tensor, heads: usize) -> Tensor {
        let _ = heads;
        x.clone()
    }
}

fn main() {}
