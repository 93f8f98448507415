//! `#[schedule]` on the type itself.
use holotype::prelude::*;

#[schedule]
struct Constant;

fn main() {}
