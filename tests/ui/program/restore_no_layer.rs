//! Restoring a module without `#[layer]`.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

impl Dense {
    fn call(&self, input: &Tensor) -> Tensor {
        input.matmul(&self.weights)
    }
}

fn main() {
    let _ = holotype::restore::<Dense>("dense");
}
