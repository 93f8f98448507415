//! What weights are kept to: functions for `TrainerBuilder::constrain`.
//!
//! Each gives a function from the new value of a variable to what it becomes, and so can a user's closure be one.

use crate::functional::Norm;
use crate::ops::Axes;
use crate::tensor::Tensor;

/// What a norm is made greater by before it is divided by: Keras' value.
const EPSILON: f64 = 1e-7;

/// Norms along dimensions of at most `limit` ([Srivastava et al. 2014](https://jmlr.org/papers/v15/srivastava14a.html), section
/// 5.1): of the weights of each unit of a dense layer, along dimension 0.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::constraints::max_norm;
/// let w = max_norm(1.0, 0)(&Tensor::from([[3.0_f32, 0.3], [4.0, 0.4]]));
/// assert!(w.is_close(&Tensor::from([[0.6_f32, 0.3], [0.8, 0.4]]), 1e-5, 0.0).all().to_scalar::<bool>()?);
/// # Ok::<(), holotype::Error>(())
/// ```
pub fn max_norm(limit: f64, along: impl Axes) -> impl Fn(&Tensor) -> Tensor + Send + Sync + 'static {
    let along = along.numbers();
    move |w| {
        let norms = w.norm_axis_keepdims(Norm::L2, along.clone());
        w * (norms.minimum(limit) / (norms + EPSILON))
    }
}

/// Norms along dimensions of 1.
pub fn unit_norm(along: impl Axes) -> impl Fn(&Tensor) -> Tensor + Send + Sync + 'static {
    let along = along.numbers();
    move |w| w / (w.norm_axis_keepdims(Norm::L2, along.clone()) + EPSILON)
}

/// Weights of at least 0: smaller ones become 0.
pub fn non_negative() -> impl Fn(&Tensor) -> Tensor + Send + Sync + 'static {
    |w| w.maximum(0.0)
}
