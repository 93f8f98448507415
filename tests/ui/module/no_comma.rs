//! Two words without a comma.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(frozen rename = "kernel")]
    weights: Variable,
}

fn main() {}
