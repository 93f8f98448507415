//! `#[schedule]` on the impl of another trait.
use holotype::prelude::*;

struct Constant;

trait Named {}

#[schedule]
impl Named for Constant {}

fn main() {}
