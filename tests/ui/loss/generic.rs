//! A generic loss.
use holotype::prelude::*;

#[loss]
fn custom<T>(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    y_true - y_pred
}

fn main() {}
