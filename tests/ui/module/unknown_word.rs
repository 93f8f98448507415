//! A word that is not known.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    #[module(ignore)]
    cache: usize,
}

fn main() {}
