//! Adam with weight decay of its own.

use holotype_macros::{Module, optimizer};

use super::moments::Moments;
use super::widened;
use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// AdamW, Algorithm 2 of [Loshchilov and Hutter 2017](https://arxiv.org/abs/1711.05101): [`Adam`](super::Adam) with decay that is
/// no part of the gradient, `w = w - rate * (m̂ / (√v̂ + ε) + weight_decay * w)`.
///
/// Defaults: β1 = 0.9, β2 = 0.999, ε = 1e-8, weight decay 0.01. The moments of `f16` and `bf16` variables are `f32`.
#[derive(Module)]
pub struct AdamW {
    learning_rate: Rate,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    weight_decay: f64,
    amsgrad: bool,
    /// The number of steps taken.
    #[module(state)]
    iterations: Variable,
}

impl AdamW {
    /// AdamW with this learning rate, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
            amsgrad: false,
            iterations: Variable::state(Tensor::scalar(0_i64)),
        }
    }

    /// Other decay rates of the moments.
    pub fn betas(mut self, beta_1: f64, beta_2: f64) -> Self {
        (self.beta_1, self.beta_2) = (beta_1, beta_2);
        self
    }

    /// Another ε.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Another weight decay.
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
        let Self { beta_1, beta_2, epsilon, amsgrad, .. } = *self;
        Moments { beta_1, beta_2, epsilon, amsgrad }
    }
}

#[optimizer]
impl Optimizer for AdamW {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        self.moments().slots(variable)
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
        self.iterations.assign(self.iterations.value() + 1);
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let (w, g, rate) = widened(value, gradient, &self.learning_rate);
        let Some((m_hat, divisor)) = self.moments().next(&g, slots, &self.iterations) else {
            return value.clone();
        };
        let kept = w * (1.0 - &rate * self.weight_decay);
        (kept - rate * m_hat / divisor).cast(value.dtype())
    }
}
