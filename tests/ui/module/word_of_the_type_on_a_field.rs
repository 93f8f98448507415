//! A word that belongs on the type.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(name = "kernel")]
    weights: Variable,
}

fn main() {}
