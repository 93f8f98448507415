//! The squared margin between two classes.

use holotype_macros::loss;

use super::operands::paired;
use super::signs::signs;
use crate::tensor::Tensor;

/// The mean of `max(1 - t y_pred, 0)²` over all elements, for targets `t` of -1 and 1; targets that are all 0 or 1 stand for these.
/// Float tensors of the same shape.
///
/// ```
/// use holotype::losses::squared_hinge;
/// use holotype::prelude::*;
/// let loss = squared_hinge(&Tensor::from([1.0_f32, 0.0]), &Tensor::from([0.5_f32, -2.0]));
/// assert_eq!(loss.to_scalar::<f32>()?, 0.125);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn squared_hinge(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("squared_hinge", y_true, y_pred);
    (1.0 - signs(&t) * p).maximum(0.0).square().mean()
}
