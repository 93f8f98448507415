//! `#[optimizer]` on the impl of another trait.
use holotype::prelude::*;

struct Momentum;

trait Named {}

#[optimizer]
impl Named for Momentum {}

fn main() {}
