//! A default that is a string.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    #[module(default = "default_units")]
    units: usize,
}

fn main() {}
