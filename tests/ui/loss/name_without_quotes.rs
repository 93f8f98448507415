//! A name that is no string.
use holotype::prelude::*;

#[loss(name = custom_loss)]
fn custom(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    y_true - y_pred
}

fn main() {}
