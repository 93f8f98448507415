//! A field of an enum that carries no data, without its mark.
use holotype::prelude::*;

enum Activation {
    Relu,
    Tanh,
}

#[derive(Module)]
struct Dense {
    weights: Variable,
    activation: Activation,
}

fn main() {}
