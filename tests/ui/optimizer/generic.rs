//! A generic optimizer.
use holotype::prelude::{Module, optimizer};

trait Optimizer {}

#[derive(Module)]
struct Momentum<T> {
    inner: T,
}

#[optimizer]
impl<T> Optimizer for Momentum<T> {}

fn main() {}
