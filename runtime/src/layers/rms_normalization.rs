//! Normalisation by the root mean square.

use holotype_macros::{Module, layer};

use crate::graph::Variable;
use crate::init;
use crate::tensor::Tensor;

/// Each row divided by the root of its mean square, then scaled by `gamma`, which is learned: [`Tensor::rms_norm`]
/// ([Zhang and Sennrich 2019](https://arxiv.org/abs/1910.07467)).
///
/// `gamma` starts as ones of dtype `f32`; the layer takes floats of every dtype.
///
/// ```
/// use holotype::layers::RmsNormalization;
/// use holotype::prelude::*;
/// let layer = RmsNormalization::new(2).epsilon(0.0);
/// assert_eq!(layer.call(&Tensor::from([[1.0_f32, 7.0]])).to_vec::<f32>()?, [0.2, 1.4]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct RmsNormalization {
    gamma: Variable,
    epsilon: f64,
}

#[layer]
impl RmsNormalization {
    /// A layer along the last dimension, which has this size; `epsilon` is 0.000001, as in Keras.
    #[track_caller]
    pub fn new(features: usize) -> Self {
        Self { gamma: Variable::new(init::ones([features])), epsilon: 1e-6 }
    }

    /// The layer with another number added to the mean square.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// `[.., features]` to the same shape.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        input.rms_norm(-1, Some(&self.gamma), self.epsilon)
    }
}
