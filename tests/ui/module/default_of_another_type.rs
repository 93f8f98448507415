//! A default that the field cannot hold.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    #[module(default = 0.5)]
    units: usize,
}

fn main() {}
