//! Cross-entropy between distributions over classes.

use holotype_macros::loss;

use super::operands::paired;
use crate::tensor::Tensor;

/// How close to 0 probabilities are let, so that their logarithms are finite; Keras' value.
pub(super) const EPSILON: f64 = 1e-7;

/// The mean of `-sum(t ln p)`, the sum over the last dimension, for target distributions `t` (`[.., classes]`) and
/// probabilities `p`, which are made to sum to 1 and kept 1e-7 away from 0 and 1. Float tensors of the same shape.
#[loss]
pub fn categorical_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("categorical_crossentropy", y_true, y_pred);
    let p = &p / p.sum_axis_keepdims(-1);
    -(t * p.maximum(EPSILON).minimum(1.0 - EPSILON).log()).sum_axis(-1).mean()
}

/// As [`categorical_crossentropy`], for logits of probabilities (`p = softmax(x)`).
#[loss]
pub fn categorical_crossentropy_from_logits(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, x) = paired("categorical_crossentropy_from_logits", y_true, y_pred);
    -(t * x.log_softmax(-1)).sum_axis(-1).mean()
}
