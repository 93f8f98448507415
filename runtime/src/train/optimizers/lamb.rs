//! Adam with steps as long as the weights.

use holotype_macros::{Module, optimizer};

use super::moments::Moments;
use super::widened;
use crate::functional::Norm;
use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// LAMB, Algorithm 2 of [You et al. 2019](https://arxiv.org/abs/1904.00962), for large batches: `u = m̂ / (√v̂ + ε) + weight_decay *
/// w; w = w - rate * (‖w‖ / ‖u‖) u`, the norms being those of the whole variable, and their quotient 1 where one of them is 0.
///
/// Defaults: β1 = 0.9, β2 = 0.999, ε = 1e-6, no decay. The moments of `f16` and `bf16` variables are `f32`.
#[derive(Module)]
pub struct Lamb {
    learning_rate: Rate,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    weight_decay: f64,
    /// The number of steps taken.
    #[module(state)]
    iterations: Variable,
}

impl Lamb {
    /// LAMB with this learning rate, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-6,
            weight_decay: 0.0,
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

    /// Adds `weight_decay * w` to the direction, before its length is set.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }

    fn moments(&self) -> Moments {
        let Self { beta_1, beta_2, epsilon, .. } = *self;
        Moments { beta_1, beta_2, epsilon, amsgrad: false }
    }
}

#[optimizer]
impl Optimizer for Lamb {
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
        let direction = m_hat / divisor + &w * self.weight_decay;
        let (of_w, of_direction) = (w.norm(Norm::L2), direction.norm(Norm::L2));
        let both = of_w.greater(0.0).logical_and(of_direction.greater(0.0));
        let ratio = both.select(of_w / both.select(of_direction, 1.0), 1.0);
        (w - rate * ratio * direction).cast(value.dtype())
    }
}
