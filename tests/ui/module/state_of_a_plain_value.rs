//! A plain value is no variable.
use holotype::prelude::*;

#[derive(Module)]
struct Norm {
    #[module(state)]
    steps: u64,
}

fn main() {}
