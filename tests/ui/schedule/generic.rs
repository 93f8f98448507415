//! A generic schedule.
use holotype::prelude::{Module, schedule};

trait Schedule {}

#[derive(Module)]
struct Constant<T> {
    inner: T,
}

#[schedule]
impl<T> Schedule for Constant<T> {}

fn main() {}
