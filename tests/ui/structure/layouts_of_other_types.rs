//! Layouts that can never be those of the types of the parameters.
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
    #[signature(a = { x: [; f32] }, b = ([; f32], [; f32], [; f32]), c = [; f32], d = [[; f32]; 3], e = [; f32], f = ?[; f32], g = ([; f32], { x: [; f32] }))]
    fn call(
        &self,
        a: &Tensor,
        b: &(Tensor, Tensor),
        c: &Vec<Tensor>,
        d: &[Tensor; 2],
        e: &Option<Tensor>,
        f: &Tensor,
        g: &(Tensor, Vec<Tensor>),
    ) -> Tensor {
        let _ = (b, c, d, e, f, g);
        a.clone()
    }
}

fn main() {}
