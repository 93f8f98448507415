//! A layer that threads cannot share.
use holotype::prelude::*;

use std::cell::Cell;

#[derive(Module)]
struct Dense {
    weights: Variable,
    #[module(skip)]
    calls: Cell<u32>,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        self.calls.set(self.calls.get() + 1);
        input + &self.weights
    }
}

fn main() {}
