//! Several tensors behind one parameter.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &[Tensor]) -> Tensor {
        input[0].matmul(&self.weights)
    }
}

fn main() {}
