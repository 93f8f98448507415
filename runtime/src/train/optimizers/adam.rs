//! Adaptive moment estimation.

use holotype_macros::{Module, optimizer};

use super::moments::Moments;
use super::widened;
use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// Adam, Algorithm 1 of [Kingma and Ba 2014](https://arxiv.org/abs/1412.6980):
/// `m = β1 m + (1 - β1) g; v = β2 v + (1 - β2) g²; w = w - rate * m̂ / (√v̂ + ε)`, where `m̂ = m / (1 - β1^t)` and
/// `v̂ = v / (1 - β2^t)`.
///
/// Defaults: β1 = 0.9, β2 = 0.999, ε = 1e-8, as in the paper. The moments of `f16` and `bf16` variables are `f32`.
#[derive(Module)]
pub struct Adam {
    learning_rate: Rate,
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    #[module(default)]
    weight_decay: f64,
    #[module(default)]
    amsgrad: bool,
    /// The number of steps taken.
    #[module(state)]
    iterations: Variable,
}

impl Adam {
    /// Adam with this learning rate, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
            iterations: Variable::state(Tensor::scalar(0_i64)),
        }
    }

    /// Other decay rates of the moments.
    pub fn betas(mut self, beta_1: f32, beta_2: f32) -> Self {
        (self.beta_1, self.beta_2) = (beta_1, beta_2);
        self
    }

    /// Another ε.
    pub fn epsilon(mut self, epsilon: f32) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Adds `weight_decay * w` to the gradient: the gradient of an L2 penalty. [`AdamW`](super::AdamW) keeps decay and gradient
    /// apart.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }

    /// AMSGrad, Algorithm 2 of [Reddi et al. 2018](https://arxiv.org/abs/1904.09237): the greatest `v` so far stands for `v`.
    pub fn amsgrad(mut self) -> Self {
        self.amsgrad = true;
        self
    }

    fn moments(&self) -> Moments {
        Moments {
            beta_1: self.beta_1.into(),
            beta_2: self.beta_2.into(),
            epsilon: self.epsilon.into(),
            amsgrad: self.amsgrad,
        }
    }
}

#[optimizer]
impl Optimizer for Adam {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        self.moments().slots(variable)
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
        self.iterations.assign(self.iterations.value() + 1);
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let (w, mut g, rate) = widened(value, gradient, &self.learning_rate);
        if self.weight_decay != 0.0 {
            g += &w * self.weight_decay;
        }
        let Some((m_hat, divisor)) = self.moments().next(&g, slots, &self.iterations) else {
            return value.clone();
        };
        (w - rate * m_hat / divisor).cast(value.dtype())
    }
}
