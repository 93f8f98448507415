//! The divergence of distributions.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// The mean of `Σ t ln(t / p)`, the sum over the last dimension ([Kullback and Leibler
/// 1951](https://doi.org/10.1214/aoms/1177729694)), for distributions `t` and `p` (`[.., classes]`), which are kept within 1e-7 and 1.
/// Float tensors of the same shape.
///
/// ```
/// use holotype::losses::kl_divergence;
/// use holotype::prelude::*;
/// let loss = kl_divergence(&Tensor::from([[0.5_f32, 0.5]]), &Tensor::from([[0.5_f32, 0.5]]));
/// assert_eq!(loss.to_scalar::<f32>()?, 0.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn kl_divergence(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("kl_divergence", y_true, y_pred);
    let within = |x: Tensor| x.maximum(1e-7).minimum(1.0);
    let (t, p) = (within(t), within(p));
    (&t * (&t / p).log()).sum_axis(-1).mean()
}
