//! Two ways of not being trained.
use holotype::prelude::*;

#[derive(Module)]
struct Norm {
    #[module(frozen, state)]
    mean: Variable,
}

fn main() {}
