//! A field without a name in the file is renamed.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    #[module(skip, rename = "u")]
    units: usize,
}

fn main() {}
