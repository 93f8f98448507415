//! Adam with Nesterov's momentum.

use holotype_macros::{Module, optimizer};

use super::moments::Moments;
use super::{wide, widened};
use crate::graph::Variable;
use crate::tensor::{DType, Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// NAdam, [Dozat 2016](https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ): Adam whose momentum looks one step ahead,
/// `w = w - rate * (μ' m / (1 - Πμ μ') + (1 - μ) g / (1 - Πμ)) / (√v̂ + ε)`, where `μ = β1 (1 - 0.96^(t ψ) / 2)` grows with the step
/// `t`, `μ'` is that of the next step and `Πμ` the product of all so far.
///
/// Defaults: β1 = 0.9, β2 = 0.999, ε = 1e-8, ψ = 0.004, as PyTorch's. The moments of `f16` and `bf16` variables are `f32`.
#[derive(Module)]
pub struct Nadam {
    learning_rate: Rate,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    momentum_decay: f64,
    weight_decay: f64,
    decoupled: bool,
    /// The number of steps taken.
    #[module(state)]
    iterations: Variable,
    /// The product of all `μ` so far.
    #[module(state)]
    product: Variable,
}

impl Nadam {
    /// NAdam with this learning rate, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            momentum_decay: 0.004,
            weight_decay: 0.0,
            decoupled: false,
            iterations: Variable::state(Tensor::scalar(0_i64)),
            product: Variable::state(Tensor::scalar(1.0_f64)),
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

    /// Another ψ.
    pub fn momentum_decay(mut self, momentum_decay: f64) -> Self {
        self.momentum_decay = momentum_decay;
        self
    }

    /// Adds `weight_decay * w` to the gradient.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        (self.weight_decay, self.decoupled) = (weight_decay, false);
        self
    }

    /// Takes `rate * weight_decay * w` off `w`, apart from the gradient.
    pub fn decoupled_weight_decay(mut self, weight_decay: f64) -> Self {
        (self.weight_decay, self.decoupled) = (weight_decay, true);
        self
    }

    /// `μ` of the step `t`.
    fn mu(&self, t: &Tensor) -> Tensor {
        let fading = Tensor::scalar(0.96_f64).pow(t * self.momentum_decay);
        (1.0 - fading * 0.5) * self.beta_1
    }
}

#[optimizer]
impl Optimizer for Nadam {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        let Self { beta_1, beta_2, epsilon, .. } = *self;
        Moments { beta_1, beta_2, epsilon, amsgrad: false }.slots(variable)
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
        let t = self.iterations.value() + 1;
        self.product.assign(self.product.value() * self.mu(&t.cast(DType::F64)));
        self.iterations.assign(t);
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let (mut w, mut g, rate) = widened(value, gradient, &self.learning_rate);
        if self.decoupled {
            w *= 1.0 - &rate * self.weight_decay;
        } else if self.weight_decay != 0.0 {
            g += &w * self.weight_decay;
        }
        let Self { beta_1, beta_2, epsilon, .. } = *self;
        let moments = Moments { beta_1, beta_2, epsilon, amsgrad: false };
        let (Some((_, divisor)), [m, _]) = (moments.next(&g, slots, &self.iterations), slots) else {
            return value.clone();
        };
        // What of them matters is near 1, and their differences from 1 are divided by, so they are worked out in `f64`.
        let (t, product) = (self.iterations.value().cast(DType::F64), self.product.value());
        let (now, next) = (self.mu(&t), self.mu(&(t + 1.0)));
        let of_g = ((1.0 - &now) / (1.0 - &product)).cast(wide(value.dtype()));
        let of_m = (&next / (1.0 - product * &next)).cast(wide(value.dtype()));
        (w - rate * (m.value() * of_m + g * of_g) / divisor).cast(value.dtype())
    }
}
