//! Instances without parentheses.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input + &self.weights
    }
}

#[derive(Module)]
struct Residual<L> {
    inner: L,
}

#[layer(instances = Residual<Dense>)]
impl<L: Layer> Residual<L> {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        let _ = &self.inner;
        input.clone()
    }
}

fn main() {}
