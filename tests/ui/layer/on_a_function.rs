//! `#[layer]` on a function.
use holotype::prelude::*;

#[layer]
fn call(input: &Tensor) -> Tensor {
    input.clone()
}

fn main() {}
