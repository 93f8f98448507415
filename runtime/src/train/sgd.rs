//! Stochastic gradient descent.

use holotype_macros::{Module, optimizer};

use super::optimizer::Optimizer;
use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};

/// Stochastic gradient descent with momentum: `v = momentum * v - rate * g; w = w + v`, and with Nesterov's momentum
/// `w = w + momentum * v - rate * g` ([Sutskever et al. 2013](https://proceedings.mlr.press/v28/sutskever13.html)).
#[derive(Module)]
pub struct Sgd {
    #[module(state)]
    learning_rate: Variable,
    momentum: f32,
    nesterov: bool,
}

impl Sgd {
    /// Plain descent.
    pub fn new(learning_rate: f32) -> Self {
        Self { learning_rate: Variable::state(Tensor::scalar(learning_rate)), momentum: 0.0, nesterov: false }
    }

    /// With momentum.
    pub fn momentum(mut self, momentum: f32) -> Self {
        self.momentum = momentum;
        self
    }

    /// With Nesterov's momentum.
    pub fn nesterov(mut self, momentum: f32) -> Self {
        self.momentum = momentum;
        self.nesterov = true;
        self
    }
}

#[optimizer]
impl Optimizer for Sgd {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        if self.momentum == 0.0 {
            return Vec::new();
        }
        vec![("velocity", Tensor::zeros(variable.shape.clone()).cast(variable.dtype))]
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let step = gradient * self.learning_rate.value().cast(gradient.dtype());
        let [velocity] = slots else { return value - step };
        let next = velocity * self.momentum - &step;
        velocity.assign(&next);
        if self.nesterov { value + next * self.momentum - step } else { value + next }
    }
}
