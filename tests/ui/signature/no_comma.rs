//! Two tensors without a comma between them.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32] mask = [None; bool])]
    fn call(&self, input: &Tensor, mask: &Tensor) -> Tensor {
        let _ = mask;
        input.clone()
    }
}

fn main() {}
