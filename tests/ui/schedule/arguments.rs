//! `#[schedule]` takes nothing.
use holotype::prelude::{Module, Variable, schedule};

trait Schedule {}

#[derive(Module)]
struct Constant {
    rate: Variable,
}

#[schedule(name = "tests::Constant")]
impl Schedule for Constant {}

fn main() {}
