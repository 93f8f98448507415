//! The mean of squared differences of logarithms.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// The mean of `(ln(1 + y_true) - ln(1 + y_pred))²` over all elements, of which none counts as less than 1e-7. Float tensors of the
/// same shape.
///
/// ```
/// use holotype::losses::mean_squared_logarithmic_error;
/// use holotype::prelude::*;
/// let loss = mean_squared_logarithmic_error(&Tensor::from([1.0_f32, 3.0]), &Tensor::from([1.0_f32, 3.0]));
/// assert_eq!(loss.to_scalar::<f32>()?, 0.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn mean_squared_logarithmic_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("mean_squared_logarithmic_error", y_true, y_pred);
    let log = |x: Tensor| x.maximum(1e-7).log1p();
    (log(p) - log(t)).square().mean()
}
