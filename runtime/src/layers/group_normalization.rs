//! Group normalisation.

use holotype_macros::{Module, layer};

use crate::graph::Variable;
use crate::init;
use crate::tensor::Tensor;

/// Each group of channels of each sample with mean 0 and variance 1, then each channel scaled by `gamma` and shifted by
/// `beta`, which are learned: [`Tensor::group_norm`] ([Wu and He 2018](https://arxiv.org/abs/1803.08494)).
///
/// `gamma` starts as ones, `beta` as zeros, both of dtype `f32`; the layer takes floats of every dtype.
///
/// ```
/// use holotype::layers::GroupNormalization;
/// use holotype::prelude::*;
/// let layer = GroupNormalization::new(2, 8);
/// assert_eq!(layer.call(&Tensor::ones([2, 5, 5, 8])).shape().to_string(), "[2, 5, 5, 8]");
/// ```
#[derive(Module)]
pub struct GroupNormalization {
    gamma: Option<Variable>,
    beta: Option<Variable>,
    groups: usize,
    channels: usize,
    axis: isize,
    epsilon: f64,
}

#[layer]
impl GroupNormalization {
    /// A layer with so many groups of channels, which lie in the last dimension; `epsilon` is 0.001, as in Keras.
    #[track_caller]
    pub fn new(groups: usize, channels: usize) -> Self {
        Self {
            gamma: Some(Variable::new(init::ones([channels]))),
            beta: Some(Variable::new(init::zeros([channels]))),
            groups,
            channels,
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

    /// The layer without `gamma`.
    pub fn without_scale(mut self) -> Self {
        self.gamma = None;
        self
    }

    /// The layer without `beta`.
    pub fn without_center(mut self) -> Self {
        self.beta = None;
        self
    }

    /// `[batch, .., channels]` to the same shape.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        // Without parameters nothing else would say how many channels there are.
        let zeros = Tensor::zeros([self.channels]);
        let (gamma, beta) = (super::optional(self.gamma.as_ref()), super::optional(self.beta.as_ref()));
        let beta = beta.or(gamma.is_none().then_some(&zeros));
        input.group_norm(self.groups, self.axis, gamma, beta, self.epsilon)
    }
}
