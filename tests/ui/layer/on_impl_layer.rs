//! `#[layer]` on the impl that it writes itself.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

#[layer]
impl Layer for Dense {}

fn main() {}
