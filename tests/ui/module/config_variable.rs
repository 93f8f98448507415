//! A variable is no configuration.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(config)]
    weights: Variable,
}

fn main() {}
