//! A name that is no string.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(rename = kernel)]
    weights: Variable,
}

fn main() {}
