//! Gradients over the root of their mean square.

use holotype_macros::{Module, optimizer};

use super::{blend, widened, zeros};
use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// RMSprop, lecture 6e of [Hinton et al. 2012](https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf):
/// `s = ρ s + (1 - ρ) g²; w = w - rate * g / (√s + ε)`. Centered, as in [Graves 2013](https://arxiv.org/abs/1308.0850), the root is
/// that of `s - a²`, where `a` is the mean of gradients. With momentum, `b = momentum * b + g / (√s + ε); w = w - rate * b`.
///
/// Defaults: ρ = 0.99, ε = 1e-8, as PyTorch's. The averages of `f16` and `bf16` variables are `f32`.
#[derive(Module)]
pub struct RmsProp {
    learning_rate: Rate,
    rho: f64,
    epsilon: f64,
    momentum: f64,
    centered: bool,
    weight_decay: f64,
}

impl RmsProp {
    /// RMSprop with this learning rate, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            rho: 0.99,
            epsilon: 1e-8,
            momentum: 0.0,
            centered: false,
            weight_decay: 0.0,
        }
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

    /// With momentum.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Divides by the standard deviation of the gradients instead of their root mean square.
    pub fn centered(mut self) -> Self {
        self.centered = true;
        self
    }

    /// Adds `weight_decay * w` to the gradient.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }
}

#[optimizer]
impl Optimizer for RmsProp {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        let mut slots = vec![("squares", zeros(variable))];
        if self.centered {
            slots.push(("mean", zeros(variable)));
        }
        if self.momentum != 0.0 {
            slots.push(("velocity", zeros(variable)));
        }
        slots
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let [squares, more @ ..] = slots else { return value.clone() };
        let (w, mut g, rate) = widened(value, gradient, &self.learning_rate);
        if self.weight_decay != 0.0 {
            g += &w * self.weight_decay;
        }
        let mut square = blend(&squares.value(), &g.square(), self.rho);
        squares.assign(&square);
        if self.centered
            && let [mean, ..] = more
        {
            let next = blend(&mean.value(), &g, self.rho);
            mean.assign(&next);
            // A variance is no less than 0, whatever was rounded.
            square = (square - next.square()).maximum(0.0);
        }
        let mut step = g / (square.sqrt() + self.epsilon);
        if self.momentum != 0.0
            && let [.., velocity] = more
        {
            step += velocity.value() * self.momentum;
            velocity.assign(&step);
        }
        (w - rate * step).cast(value.dtype())
    }
}
