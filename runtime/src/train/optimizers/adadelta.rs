//! Steps as large as those that there have been.

use holotype_macros::{Module, optimizer};

use super::{blend, widened, zeros};
use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// Adadelta, Algorithm 1 of [Zeiler 2012](https://arxiv.org/abs/1212.5701): `s = ρ s + (1 - ρ) g²; d = g √(u + ε) / √(s + ε);
/// u = ρ u + (1 - ρ) d²; w = w - rate * d`. The paper has a rate of 1.
///
/// Defaults: ρ = 0.9, ε = 1e-6, as PyTorch's. The averages of `f16` and `bf16` variables are `f32`.
#[derive(Module)]
pub struct Adadelta {
    learning_rate: Rate,
    rho: f64,
    epsilon: f64,
    weight_decay: f64,
}

impl Adadelta {
    /// Adadelta with this learning rate, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self { learning_rate: learning_rate.into(), rho: 0.9, epsilon: 1e-6, weight_decay: 0.0 }
    }

    /// Another decay rate of the averages.
    pub fn rho(mut self, rho: f64) -> Self {
        self.rho = rho;
        self
    }

    /// Another ε.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Adds `weight_decay * w` to the gradient.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }
}

#[optimizer]
impl Optimizer for Adadelta {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        vec![("squares", zeros(variable)), ("steps", zeros(variable))]
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let [squares, steps] = slots else { return value.clone() };
        let (w, mut g, rate) = widened(value, gradient, &self.learning_rate);
        if self.weight_decay != 0.0 {
            g += &w * self.weight_decay;
        }
        let next = blend(&squares.value(), &g.square(), self.rho);
        squares.assign(&next);
        let step = (steps.value() + self.epsilon).sqrt() / (next + self.epsilon).sqrt() * g;
        steps.assign(blend(&steps.value(), &step.square(), self.rho));
        (w - rate * step).cast(value.dtype())
    }
}
