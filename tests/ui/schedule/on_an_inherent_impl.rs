//! `#[schedule]` on the type's own methods.
use holotype::prelude::*;

struct Constant;

#[schedule]
impl Constant {}

fn main() {}
