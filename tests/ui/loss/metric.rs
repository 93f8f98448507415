//! A metric of the wrong form.
use holotype::prelude::*;

#[metric]
fn accuracy(y_true: &Tensor) -> f32 {
    let _ = y_true;
    0.5
}

fn main() {}
