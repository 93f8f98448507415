//! The likelihood of counts.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// The mean of `y_pred - y_true ln(y_pred + 1e-7)` over all elements: the negative logarithm of the likelihood of counts whose means
/// are `y_pred`, up to what depends on `y_true` alone. Float tensors of the same shape.
///
/// ```
/// use holotype::losses::poisson;
/// use holotype::prelude::*;
/// let loss = poisson(&Tensor::from([0.0_f32, 0.0]), &Tensor::from([1.0_f32, 3.0]));
/// assert_eq!(loss.to_scalar::<f32>()?, 2.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn poisson(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("poisson", y_true, y_pred);
    (&p - t * (&p + 1e-7).log()).mean()
}
