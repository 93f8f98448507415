//! A type without a name.
use holotype::prelude::*;

#[derive(Module)]
#[module(name = "")]
struct Dense {
    weights: Variable,
}

fn main() {}
