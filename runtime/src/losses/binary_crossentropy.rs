//! Cross-entropy between truth values and probabilities.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// How close to 0 and 1 probabilities are let, so that their logarithms are finite; Keras' value.
const EPSILON: f64 = 1e-7;

/// The mean of `-(t ln p + (1 - t) ln (1 - p))` over all elements, for targets `t` in 0..=1 and probabilities `p`, which
/// are kept 1e-7 away from 0 and 1. Float tensors of the same shape.
#[loss]
pub fn binary_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("binary_crossentropy", y_true, y_pred);
    let p = p.maximum(EPSILON).minimum(1.0 - EPSILON);
    -(&t * p.log() + (1.0 - &t) * (1.0 - &p).log()).mean()
}

/// As [`binary_crossentropy`], for logits `x` of probabilities `p = 1 / (1 + e^-x)`:
/// the mean of `max(x, 0) - x t + ln(1 + e^-|x|)`, which is exact for large `|x|` too.
#[loss]
pub fn binary_crossentropy_from_logits(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, x) = paired("binary_crossentropy_from_logits", y_true, y_pred);
    (x.maximum(0.0) - &x * t + (-x.abs()).exp().log1p()).mean()
}
