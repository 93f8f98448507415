//! A name without letters.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(alias = "")]
    weights: Variable,
}

fn main() {}
