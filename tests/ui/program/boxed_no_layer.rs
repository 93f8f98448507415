//! A module without `#[layer]` behind `Box<dyn Layer>`.
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
    let dense = Dense { weights: Variable::new(init::zeros([1, 1])) };
    let _: Box<dyn Layer> = Box::new(dense);
}
