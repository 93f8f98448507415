//! A layout that names a field which the struct does not have.
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
    #[signature(input = { imag: [None; f32], mask: ?[None; bool] })]
    fn call(&self, input: &Inputs) -> Tensor {
        input.image.clone()
    }
}

fn main() {}
