//! Layouts that cannot be read.
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
    #[signature(a = { image = [; f32] }, b = [[; f32]], c = (x = [; f32]), d = { 0: [; f32] }, e = {}, f = [?[; f32]; 2])]
    fn call(&self, a: &Inputs, b: &Inputs, c: &Inputs, d: &Inputs, e: &Inputs, f: &Inputs) -> Tensor {
        let _ = (b, c, d, e, f);
        a.image.clone()
    }
}

fn main() {}
