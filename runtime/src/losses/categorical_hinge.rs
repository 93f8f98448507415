//! The margin between classes.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// The mean of `max(n - p + 1, 0)`, where `p` is the score of the class that is true and `n` the greatest other one: `Σ t y_pred` and
/// `max((1 - t) y_pred)` along the last dimension, for targets `t` of 0 and 1. Float tensors of the same shape, `[.., classes]`.
///
/// ```
/// use holotype::losses::categorical_hinge;
/// use holotype::prelude::*;
/// let loss = categorical_hinge(&Tensor::from([[1.0_f32, 0.0]]), &Tensor::from([[0.5_f32, 0.25]]));
/// assert_eq!(loss.to_scalar::<f32>()?, 0.75);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn categorical_hinge(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("categorical_hinge", y_true, y_pred);
    let positive = (&t * &p).sum_axis(-1);
    let negative = ((1.0 - t) * p).max_axis(-1);
    (negative - positive + 1.0).maximum(0.0).mean()
}
