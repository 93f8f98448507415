//! A metric that is no module.
use holotype::prelude::*;

struct Worst {
    worst: Variable,
}

#[metric]
impl Metric for Worst {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.worst.assign(self.worst.value().maximum((y_true - y_pred).abs().max()));
    }

    fn result(&self) -> Tensor {
        self.worst.value()
    }

    fn reset(&self) {
        self.worst.assign(self.worst.value().zeros_like());
    }
}

fn main() {}
