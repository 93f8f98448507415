//! One word twice.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    #[module(rename = "kernel")]
    #[module(rename = "w")]
    weights: Variable,
}

fn main() {}
