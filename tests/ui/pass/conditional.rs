//! `#[cfg]` on the block and on its methods goes with everything that is generated for them.
#![allow(unexpected_cfgs)]
use holotype::prelude::*;

#[derive(Module)]
struct Conditional {
    weights: Variable,
    #[cfg(never)]
    missing: Missing,
}

#[layer]
#[cfg(not(never))]
impl Conditional {
    #[cfg(not(never))]
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input + &self.weights
    }

    #[cfg(never)]
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Missing {
        input + &self.weights
    }

    #[cfg(never)]
    #[signature(input = [None, self.missing; f32])]
    fn missing(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

#[layer]
#[cfg(never)]
impl Conditional {
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input + &self.weights
    }
}

#[loss]
#[cfg(never)]
fn never(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    y_true - y_pred
}

fn main() {
    let layer = Conditional { weights: Variable::new(init::zeros([3])) };
    assert_eq!(Layer::signatures(&layer).len(), 1);
}
