//! A schedule that is no module.
use holotype::prelude::*;

struct Constant {
    rate: f64,
}

#[schedule]
impl Schedule for Constant {
    fn rate(&self, step: &Tensor) -> Tensor {
        step * 0.0 + self.rate
    }
}

fn main() {}
