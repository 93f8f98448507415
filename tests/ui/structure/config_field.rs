//! Fields that are no tensors, and one that is borrowed.
use holotype::prelude::*;

#[derive(Structure)]
struct Inputs {
    image: Tensor,
    heads: usize,
    weights: Variable,
    borrowed: &'static Tensor,
}

fn main() {}
