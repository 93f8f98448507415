//! The mean of relative differences.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// The mean of `100 |y_true - y_pred| / |y_true|` over all elements, where `|y_true|` counts as no less than 1e-7. Float tensors of
/// the same shape.
///
/// ```
/// use holotype::losses::mean_absolute_percentage_error;
/// use holotype::prelude::*;
/// let loss = mean_absolute_percentage_error(&Tensor::from([2.0_f32, 4.0]), &Tensor::from([1.0_f32, 5.0]));
/// assert_eq!(loss.to_scalar::<f32>()?, 37.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn mean_absolute_percentage_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("mean_absolute_percentage_error", y_true, y_pred);
    100.0 * ((&t - p).abs() / t.abs().maximum(1e-7)).mean()
}
