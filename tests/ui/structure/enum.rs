//! An enum, whose tensors depend on what it holds.
use holotype::prelude::*;

#[derive(Structure)]
enum Inputs {
    Image(Tensor),
    Text(Tensor),
}

fn main() {}
