//! `#[loss]` takes nothing on an impl.
use holotype::prelude::*;

#[derive(Module)]
struct Power {
    power: f32,
}

#[loss(name = "tests::Power")]
impl Loss for Power {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (y_true - y_pred).abs().pow(self.power).mean()
    }
}

fn main() {}
