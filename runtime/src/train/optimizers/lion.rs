//! Signs of momentum.

use holotype_macros::{Module, optimizer};

use super::{blend, widened, zeros};
use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// Lion, Program 1 of [Chen et al. 2023](https://arxiv.org/abs/2302.06675): `w = w - rate * (sign(β1 m + (1 - β1) g) +
/// weight_decay * w); m = β2 m + (1 - β2) g`.
///
/// Defaults: β1 = 0.9, β2 = 0.99, no decay. A good rate is a third to a tenth of AdamW's, and the decay as much greater. The
/// momentum of `f16` and `bf16` variables is `f32`.
#[derive(Module)]
pub struct Lion {
    learning_rate: Rate,
    beta_1: f64,
    beta_2: f64,
    weight_decay: f64,
}

impl Lion {
    /// Lion with this learning rate, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self { learning_rate: learning_rate.into(), beta_1: 0.9, beta_2: 0.99, weight_decay: 0.0 }
    }

    /// Other weights of the momentum, for the step and for what is kept.
    pub fn betas(mut self, beta_1: f64, beta_2: f64) -> Self {
        (self.beta_1, self.beta_2) = (beta_1, beta_2);
        self
    }

    /// Takes `rate * weight_decay * w` off `w`.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }
}

#[optimizer]
impl Optimizer for Lion {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        vec![("m", zeros(variable))]
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let [m] = slots else { return value.clone() };
        let (w, g, rate) = widened(value, gradient, &self.learning_rate);
        let direction = blend(&m.value(), &g, self.beta_1).sign() + &w * self.weight_decay;
        m.assign(blend(&m.value(), &g, self.beta_2));
        (w - rate * direction).cast(value.dtype())
    }
}
