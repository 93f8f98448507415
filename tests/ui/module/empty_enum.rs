//! An enum that has no value.
use holotype::prelude::*;

#[derive(Module)]
enum Nothing {}

fn main() {}
