//! A loss that waits.
use holotype::prelude::*;

#[loss]
async fn custom(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    y_true - y_pred
}

fn main() {}
