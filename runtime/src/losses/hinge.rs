//! The margin between two classes.

use holotype_macros::loss;

use super::operands::paired;
use super::signs::signs;
use crate::tensor::Tensor;

/// The mean of `max(1 - t y_pred, 0)` over all elements, for targets `t` of -1 and 1; targets that are all 0 or 1 stand for these.
/// Float tensors of the same shape.
///
/// ```
/// use holotype::losses::hinge;
/// use holotype::prelude::*;
/// let loss = hinge(&Tensor::from([1.0_f32, 0.0]), &Tensor::from([0.5_f32, -2.0]));
/// assert_eq!(loss.to_scalar::<f32>()?, 0.25);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn hinge(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("hinge", y_true, y_pred);
    (1.0 - signs(&t) * p).maximum(0.0).mean()
}
