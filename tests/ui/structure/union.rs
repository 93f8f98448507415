//! A union, which does not know what it holds.
use holotype::prelude::*;

#[derive(Structure)]
union Inputs {
    id: u32,
    score: f32,
}

fn main() {}
