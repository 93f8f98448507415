//! A loss whose parameter has no name.
use holotype::prelude::*;

#[loss]
fn custom(_: &Tensor, y_pred: &Tensor) -> Tensor {
    y_pred.clone()
}

fn main() {}
