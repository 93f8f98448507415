//! Batch normalisation.

use holotype_macros::{Module, layer};

use crate::graph::{Mode, Variable, mode};
use crate::init;
use crate::tensor::{DType, Tensor};

/// Each channel with mean 0 and variance 1, then scaled by `gamma` and shifted by `beta`, which are learned:
/// [`Tensor::batch_norm`] ([Ioffe and Szegedy 2015](https://arxiv.org/abs/1502.03167)).
///
/// While training, mean and variance are those of the batch, along all dimensions but that of the channels, and the moving
/// mean and variance go towards them: `moving * momentum + batch * (1 - momentum)`, with the variance divided by the number
/// of elements, as in Keras. Otherwise the moving ones are taken.
///
/// `gamma` and the moving variance start as ones, `beta` and the moving mean as zeros, all of dtype `f32`; the layer takes
/// floats of every dtype.
///
/// ```
/// use holotype::layers::BatchNormalization;
/// use holotype::prelude::*;
/// let layer = BatchNormalization::new(2).epsilon(0.0);
/// assert_eq!(layer.call(&Tensor::from([[3.0_f32, -1.0]])).to_vec::<f32>()?, [3.0, -1.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct BatchNormalization {
    gamma: Option<Variable>,
    beta: Option<Variable>,
    #[module(state)]
    moving_mean: Variable,
    #[module(state)]
    moving_variance: Variable,
    axis: isize,
    momentum: f64,
    epsilon: f64,
}

#[layer]
impl BatchNormalization {
    /// A layer for so many channels, which lie in the last dimension; `momentum` is 0.99 and `epsilon` 0.001, as in Keras.
    #[track_caller]
    pub fn new(channels: usize) -> Self {
        Self {
            gamma: Some(Variable::new(init::ones([channels]))),
            beta: Some(Variable::new(init::zeros([channels]))),
            moving_mean: Variable::state(init::zeros([channels])),
            moving_variance: Variable::state(init::ones([channels])),
            axis: -1,
            momentum: 0.99,
            epsilon: 1e-3,
        }
    }

    /// The layer with the channels in another dimension.
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    /// The layer with another share of the moving mean and variance that stays.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
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

    /// The mean of what the layer has been trained on, `[channels]`.
    pub fn moving_mean(&self) -> &Variable {
        &self.moving_mean
    }

    /// The variance of what the layer has been trained on, `[channels]`.
    pub fn moving_variance(&self) -> &Variable {
        &self.moving_variance
    }

    /// Every shape with the dimension of the channels, to the same shape.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let (gamma, beta) = (super::optional(self.gamma.as_ref()), super::optional(self.beta.as_ref()));
        if mode() == Mode::Inference {
            let (mean, variance) = (&self.moving_mean, &self.moving_variance);
            return input.batch_norm(mean, variance, self.axis, gamma, beta, self.epsilon);
        }
        let wide = if input.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
        let rank = input.rank().cast_signed();
        let channels = if self.axis < 0 { self.axis + rank } else { self.axis };
        let others: Vec<isize> = (0..rank).filter(|&axis| axis != channels).collect();
        let x = input.cast(wide);
        let (mean, variance) = (x.mean_axis(others.clone()), x.variance_axis(others));
        for (moving, batch) in [(&self.moving_mean, &mean), (&self.moving_variance, &variance)] {
            let next =
                moving * self.momentum + batch.stop_gradient().cast(moving.dtype()) * (1.0 - self.momentum);
            if next.error().is_none() {
                moving.assign(next);
            }
        }
        input.batch_norm(mean, variance, self.axis, gamma, beta, self.epsilon)
    }
}
