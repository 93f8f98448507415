//! `#[layer]` on the type itself.
use holotype::prelude::*;

#[layer]
struct Dense {
    weights: Variable,
}

fn main() {}
