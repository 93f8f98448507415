//! Dtypes that are not of their class.
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
    #[signature(x = [; float in [f32, i32]], y = [; f32 in [f32]], z = [; any in []])]
    fn call(&self, x: &Tensor, y: &Tensor, z: &Tensor) -> Tensor {
        x + y + z
    }
}

fn main() {}
