//! The logarithm of the hyperbolic cosine of differences.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// The mean of `ln cosh(y_pred - y_true)` over all elements, worked out as `x + ln(1 + e^-2x) - ln 2` of `x = |y_pred - y_true|`, which is
/// exact for large differences too. Float tensors of the same shape.
///
/// ```
/// use holotype::losses::log_cosh;
/// use holotype::prelude::*;
/// let loss = log_cosh(&Tensor::from([1.0_f32, 2.0]), &Tensor::from([1.0_f32, 2.0]));
/// assert_eq!(loss.to_scalar::<f32>()?, 0.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn log_cosh(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("log_cosh", y_true, y_pred);
    let x = (p - t).abs();
    (&x + (&x * -2.0).exp().log1p() - std::f64::consts::LN_2).mean()
}
