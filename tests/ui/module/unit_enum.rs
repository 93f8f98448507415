//! An enum that carries no data.
use holotype::prelude::*;

#[derive(Module)]
enum Activation {
    Relu,
    Gelu,
}

fn main() {}
