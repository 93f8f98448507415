//! Two fields that are saved under one name.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    #[module(rename = "weights")]
    bias: Variable,
}

fn main() {}
