//! The mean of squared differences.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// The mean of `(y_true - y_pred)^2` over all elements: float tensors of the same shape.
///
/// ```
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// let loss = mean_squared_error(&Tensor::from([1.0_f32, 2.0]), &Tensor::from([0.0_f32, 4.0]));
/// assert_eq!(loss.to_scalar::<f32>()?, 2.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("mean_squared_error", y_true, y_pred);
    (t - p).square().mean()
}
