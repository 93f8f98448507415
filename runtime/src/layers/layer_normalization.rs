//! Layer normalisation.

use holotype_macros::{Module, layer};

use crate::graph::Variable;
use crate::init;
use crate::tensor::{Shape, Tensor};

/// Each sample with mean 0 and variance 1 along its last dimensions, then scaled by `gamma` and shifted by `beta`, which are
/// learned: [`Tensor::layer_norm`] ([Ba et al. 2016](https://arxiv.org/abs/1607.06450)).
///
/// `gamma` starts as ones, `beta` as zeros, both of dtype `f32`; the layer takes floats of every dtype.
///
/// ```
/// use holotype::layers::LayerNormalization;
/// use holotype::prelude::*;
/// let layer = LayerNormalization::new([4]);
/// assert_eq!(layer.call(&Tensor::ones([2, 3, 4])).to_vec::<f32>()?, [0.0; 24]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct LayerNormalization {
    gamma: Option<Variable>,
    beta: Option<Variable>,
    dimensions: usize,
    epsilon: f64,
}

#[layer]
impl LayerNormalization {
    /// A layer along the last dimensions of a tensor, which have these sizes; `epsilon` is 0.001, as in Keras.
    #[track_caller]
    pub fn new(sizes: impl Into<Shape>) -> Self {
        let sizes = sizes.into();
        Self {
            dimensions: sizes.rank(),
            gamma: Some(Variable::new(init::ones(&sizes))),
            beta: Some(Variable::new(init::zeros(&sizes))),
            epsilon: 1e-3,
        }
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

    /// `[.., sizes]` to the same shape.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let along: Vec<isize> = (1..=self.dimensions.cast_signed()).map(|place| -place).rev().collect();
        input.layer_norm(
            along,
            super::optional(self.gamma.as_ref()),
            super::optional(self.beta.as_ref()),
            self.epsilon,
        )
    }
}
