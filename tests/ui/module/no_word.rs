//! Nothing is said.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module]
    weights: Variable,
}

fn main() {}
