//! `#[loss]` on the impl of another trait.
use holotype::prelude::*;

struct Power;

trait Named {}

#[loss]
impl Named for Power {}

fn main() {}
