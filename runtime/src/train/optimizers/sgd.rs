//! Stochastic gradient descent.

use holotype_macros::{Module, optimizer};

use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// Stochastic gradient descent with momentum: `v = momentum * v - rate * g; w = w + v`, and with Nesterov's momentum
/// `w = w + momentum * v - rate * g` ([Sutskever et al. 2013](https://proceedings.mlr.press/v28/sutskever13.html)).
#[derive(Module)]
pub struct Sgd {
    learning_rate: Rate,
    momentum: f32,
    nesterov: bool,
    #[module(default)]
    weight_decay: f64,
    #[module(default)]
    decoupled: bool,
}

impl Sgd {
    /// Plain descent with this learning rate, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            momentum: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            decoupled: false,
        }
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

    /// Adds `weight_decay * w` to the gradient: the gradient of an L2 penalty.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        (self.weight_decay, self.decoupled) = (weight_decay, false);
        self
    }

    /// Takes `rate * weight_decay * w` off `w`, apart from the momentum: SGDW of [Loshchilov and Hutter
    /// 2017](https://arxiv.org/abs/1711.05101), Algorithm 1.
    pub fn decoupled_weight_decay(mut self, weight_decay: f64) -> Self {
        (self.weight_decay, self.decoupled) = (weight_decay, true);
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

    fn begin_step(&self) {
        self.learning_rate.begin_step();
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let rate = self.learning_rate.value().cast(gradient.dtype());
        let (mut value, mut gradient) = (value.clone(), gradient.clone());
        if self.decoupled {
            value *= 1.0 - &rate * self.weight_decay;
        } else if self.weight_decay != 0.0 {
            gradient += &value * self.weight_decay;
        }
        let step = gradient * rate;
        let [velocity] = slots else { return value - step };
        let next = velocity * self.momentum - &step;
        velocity.assign(&next);
        if self.nesterov { value + next * self.momentum - step } else { value + next }
    }
}
