//! A loss of three tensors.
use holotype::prelude::*;

#[loss]
fn custom(y_true: &Tensor, y_pred: &Tensor, weight: &Tensor) -> Tensor {
    let _ = weight;
    y_true - y_pred
}

fn main() {}
