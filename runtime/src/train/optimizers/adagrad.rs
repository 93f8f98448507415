//! Rates that fall with the gradients that there have been.

use holotype_macros::{Module, optimizer};

use super::{wide, widened};
use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// Adagrad, [Duchi et al. 2011](https://jmlr.org/papers/v12/duchi11a.html): `s = s + g²; w = w - rate * g / (√s + ε)`.
///
/// Defaults: `s` starts at 0, ε = 1e-10, as PyTorch's. The sums of `f16` and `bf16` variables are `f32`.
#[derive(Module)]
pub struct Adagrad {
    learning_rate: Rate,
    initial: f64,
    epsilon: f64,
    weight_decay: f64,
}

impl Adagrad {
    /// Adagrad with this learning rate, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self { learning_rate: learning_rate.into(), initial: 0.0, epsilon: 1e-10, weight_decay: 0.0 }
    }

    /// What the sums start at.
    pub fn initial(mut self, initial: f64) -> Self {
        self.initial = initial;
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
impl Optimizer for Adagrad {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        vec![("sum", Tensor::full(variable.shape.clone(), self.initial).cast(wide(variable.dtype)))]
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let [sum] = slots else { return value.clone() };
        let (w, mut g, rate) = widened(value, gradient, &self.learning_rate);
        if self.weight_decay != 0.0 {
            g += &w * self.weight_decay;
        }
        let next = sum.value() + g.square();
        sum.assign(&next);
        (w - rate * g / (next.sqrt() + self.epsilon)).cast(value.dtype())
    }
}
