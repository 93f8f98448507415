//! A word that nobody knows.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(froze)]
    weights: Variable,
}

fn main() {}
