//! A value for a word that takes none.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(frozen = true)]
    weights: Variable,
}

fn main() {}
