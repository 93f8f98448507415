//! A loss that is a method.
use holotype::prelude::*;

struct Losses;

impl Losses {
    #[loss]
    fn custom(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        y_true - y_pred
    }
}

fn main() {}
