//! `#[optimizer]` takes nothing.
use holotype::prelude::{Module, Variable, optimizer};

trait Optimizer {}

#[derive(Module)]
struct Momentum {
    rate: Variable,
}

#[optimizer(name = "tests::Momentum")]
impl Optimizer for Momentum {}

fn main() {}
