//! A word that `#[loss]` does not know.
use holotype::prelude::*;

#[loss(reduction = "mean")]
fn custom(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    y_true - y_pred
}

fn main() {}
