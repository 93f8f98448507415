//! Instance normalisation.

use holotype_macros::{Module, layer};

use crate::graph::Variable;
use crate::init;
use crate::tensor::Tensor;

/// Each channel of each sample with mean 0 and variance 1, then scaled by `gamma` and shifted by `beta`, which are learned:
/// [`Tensor::instance_norm`] ([Ulyanov et al. 2016](https://arxiv.org/abs/1607.08022)).
///
/// `gamma` starts as ones, `beta` as zeros, both of dtype `f32`; the layer takes floats of every dtype.
///
/// ```
/// use holotype::layers::InstanceNormalization;
/// use holotype::prelude::*;
/// let layer = InstanceNormalization::new(3);
/// assert_eq!(layer.call(&Tensor::ones([2, 5, 5, 3])).shape().to_string(), "[2, 5, 5, 3]");
/// ```
#[derive(Module)]
pub struct InstanceNormalization {
    gamma: Option<Variable>,
    beta: Option<Variable>,
    axis: isize,
    epsilon: f64,
}

#[layer]
impl InstanceNormalization {
    /// A layer for so many channels, which lie in the last dimension; `epsilon` is 0.001, as in Keras.
    #[track_caller]
    pub fn new(channels: usize) -> Self {
        Self {
            gamma: Some(Variable::new(init::ones([channels]))),
            beta: Some(Variable::new(init::zeros([channels]))),
            axis: -1,
            epsilon: 1e-3,
        }
    }

    /// The layer with the channels in another dimension.
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    /// The layer with another number added to the variance.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// The layer without `gamma` and `beta`.
    pub fn without_parameters(mut self) -> Self {
        (self.gamma, self.beta) = (None, None);
        self
    }

    /// `[batch, .., channels]`, with at least one dimension between, to the same shape.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let (gamma, beta) = (super::optional(self.gamma.as_ref()), super::optional(self.beta.as_ref()));
        input.instance_norm(self.axis, gamma, beta, self.epsilon)
    }
}
