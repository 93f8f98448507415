//! `#[optimizer]` on the type's own methods.
use holotype::prelude::*;

struct Momentum;

#[optimizer]
impl Momentum {}

fn main() {}
