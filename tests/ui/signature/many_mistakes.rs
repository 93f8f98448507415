//! All mistakes are reported at once.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [none, 5u8; f33], mask: [None, bool], extra = [; f32], mask = [..x; f32] -> (a = [2 n; f32], a = [; f32]))]
    fn call(&self, input: &Tensor, mask: &Tensor) -> Tensor {
        let _ = mask;
        input.clone()
    }
}

fn main() {}
