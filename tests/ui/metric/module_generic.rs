//! A generic metric.
use holotype::prelude::{Module, metric};

trait Metric {}

#[derive(Module)]
struct Worst<T> {
    inner: T,
}

#[metric]
impl<T> Metric for Worst<T> {}

fn main() {}
