//! A module that borrows.
use holotype::prelude::*;

#[derive(Module)]
struct Dense<'a> {
    weights: &'a Variable,
}

fn main() {}
