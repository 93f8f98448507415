//! The share of right answers, by the form of targets.

use holotype_macros::metric;

use super::accuracy::share;
use crate::losses::{labelled, paired};
use crate::tensor::{DType, Tensor};

/// The share of elements whose probability is above 0.5 where the target is above 0.5, and only there, as `f32`. Numeric targets
/// and probabilities of the same shape. ([`accuracy`](super::accuracy) finds out by itself which of these is meant.)
#[metric]
pub fn binary_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("binary_accuracy", &y_true.cast(y_pred.dtype()), y_pred);
    share(&p.greater(0.5).equal(t.greater(0.5)))
}

/// The share of samples whose greatest score is where the target is greatest, as `f32`. Numeric tensors of the same shape,
/// `[.., classes]`.
#[metric]
pub fn categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("categorical_accuracy", &y_true.cast(y_pred.dtype()), y_pred);
    share(&p.argmax(-1).equal(t.argmax(-1)))
}

/// The share of samples whose greatest score is at the label, as `f32`. Labels (integers `[..]`) and scores (`[.., classes]`).
#[metric]
pub fn sparse_categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (labels, scores) = labelled("sparse_categorical_accuracy", y_true, y_pred);
    share(&scores.argmax(-1).equal(labels.cast(DType::I64)))
}
