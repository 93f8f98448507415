//! `#[optimizer]` on the type itself.
use holotype::prelude::*;

#[optimizer]
struct Momentum;

fn main() {}
