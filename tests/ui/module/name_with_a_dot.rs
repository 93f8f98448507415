//! A name that would be read as a path.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(rename = "encoder.weights")]
    weights: Variable,
}

fn main() {}
