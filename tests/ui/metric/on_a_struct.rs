//! `#[metric]` on the type itself.
use holotype::prelude::*;

#[metric]
struct Worst;

fn main() {}
