//! A field whose type is no structure, which the compiler finds out.
use holotype::prelude::*;

struct Settings;

#[derive(Structure)]
struct Inputs {
    image: Tensor,
    settings: Settings,
}

fn main() {}
