//! Two fields that answer to one old name.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(alias = "w")]
    weights: Variable,
    #[module(alias = "w")]
    bias: Variable,
}

fn main() {}
