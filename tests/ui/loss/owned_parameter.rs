//! A loss that takes its tensors away.
use holotype::prelude::*;

#[loss]
fn custom(y_true: Tensor, y_pred: &Tensor) -> Tensor {
    &y_true - y_pred
}

fn main() {}
