//! Lists of values that are empty, repeat themselves or belong to nothing.
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
    #[signature(x = [; f32], causal in [], heads in [1, 1], kind in true, mode in ["a"], mode in ["b"], other in [1])]
    fn call(&self, x: &Tensor, causal: bool, heads: usize, kind: bool, mode: &str) -> Tensor {
        let _ = (causal, heads, kind, mode);
        x.clone()
    }
}

fn main() {}
