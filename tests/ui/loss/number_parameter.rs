//! A loss with configuration.
use holotype::prelude::*;

#[loss]
fn custom(y_true: &Tensor, delta: f32) -> Tensor {
    let _ = delta;
    y_true.clone()
}

fn main() {}
