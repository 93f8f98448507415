//! Configuration that serde does not know.
use holotype::prelude::*;

enum Activation {
    Relu,
}

#[derive(Module)]
struct Dense {
    weights: Variable,
    #[module(config)]
    activation: Activation,
}

fn main() {}
