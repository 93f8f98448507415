//! A field that is skipped and saved.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    #[module(skip, config)]
    units: usize,
}

fn main() {}
