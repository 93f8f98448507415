//! A loss that is no module.
use holotype::prelude::*;

struct Power {
    power: f32,
}

#[loss]
impl Loss for Power {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (y_true - y_pred).abs().pow(self.power).mean()
    }
}

fn main() {}
