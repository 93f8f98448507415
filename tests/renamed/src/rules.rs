//! A loss, a metric and an optimizer.

use ht::prelude::{Module, Optimizer, Tensor, Variable, loss, metric, optimizer};
use ht::tensor::TensorType;

/// `log cosh` of the difference, about half its square near 0 and its distance far away.
#[loss(name = "renamed::log_cosh", alias = "renamed::logcosh")]
pub fn log_cosh(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let distance = (y_true - y_pred).abs();
    (&distance + (&distance * -2.0).exp().log1p() - std::f32::consts::LN_2).mean()
}

/// The largest distance.
#[metric]
pub fn largest(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).abs().max()
}

/// Descent with a velocity.
#[derive(Debug, Module)]
pub struct Heavy {
    rate: f32,
    drag: f32,
}

impl Heavy {
    /// Moves at `rate`.
    pub fn new(rate: f32) -> Self {
        Self { rate, drag: 0.5 }
    }
}

#[optimizer]
impl Optimizer for Heavy {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        vec![("velocity", Tensor::zeros(variable.shape.clone()))]
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let [velocity] = slots else { return value.clone() };
        let next = velocity * self.drag - gradient * self.rate;
        velocity.assign(&next);
        value + next
    }
}
