//! A tensor as configuration.
use holotype::prelude::*;

#[derive(Module)]
struct Scale {
    #[module(config)]
    factor: Tensor,
}

fn main() {}
