//! A union.
use holotype::prelude::*;

#[derive(Module)]
union Bits {
    float: f32,
    int: u32,
}

fn main() {}
