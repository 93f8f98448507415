//! The overlap of regions.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// `1 - 2 Σ t p / (Σ t + Σ p)`, the sums over all elements ([Dice 1945](https://doi.org/10.2307/1932409); as a loss, [Milletari et al.
/// 2016](https://arxiv.org/abs/1606.04797)). Float tensors of the same shape, from 0 to 1.
///
/// ```
/// use holotype::losses::dice;
/// use holotype::prelude::*;
/// let loss = dice(&Tensor::from([1.0_f32, 0.0]), &Tensor::from([0.5_f32, 0.5]));
/// assert!((loss.to_scalar::<f32>()? - 0.5).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn dice(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("dice", y_true, y_pred);
    // 1e-7 keeps the quotient finite, as in Keras.
    1.0 - (&t * &p).sum() * 2.0 / (t.sum() + p.sum() + 1e-7)
}
