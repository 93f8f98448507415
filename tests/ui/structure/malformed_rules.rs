//! Rules of sizes that cannot be read or hold for nothing.
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
    #[signature(x = [a, b, c, d, e, f; f32], a in 64..=1, b in 1..=n, c >= 1, d % 8, e % 0 == 0, f in 1.., f in 2..)]
    fn call(&self, x: &Tensor) -> Tensor {
        x.clone()
    }
}

fn main() {}
