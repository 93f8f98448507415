//! Cross-entropy between class numbers and distributions over classes.

use holotype_macros::loss;

use super::categorical_crossentropy::EPSILON;
use super::operands::labelled;
use crate::tensor::{DType, Tensor};

/// The mean of `-ln p[label]`, for labels in `0..classes` (an integer tensor `[..]`) and probabilities `p`
/// (`[.., classes]`, float), which are made to sum to 1 and kept 1e-7 away from 0 and 1. A label out of range is an
/// error that says which.
///
/// ```
/// use holotype::losses::sparse_categorical_crossentropy;
/// use holotype::prelude::*;
/// let p = Tensor::from([[0.25_f32, 0.75], [0.5, 0.5]]);
/// let loss = sparse_categorical_crossentropy(&Tensor::from([1_i64, 0]), &p).to_scalar::<f32>()?;
/// assert!((loss - (0.75_f32.ln() + 0.5_f32.ln()) / -2.0).abs() < 1e-6);
/// assert!(sparse_categorical_crossentropy(&Tensor::from([2_i64, 0]), &p).error().is_some());
/// # Ok::<(), holotype::Error>(())
/// ```
#[loss]
pub fn sparse_categorical_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (labels, p) = labelled("sparse_categorical_crossentropy", y_true, y_pred);
    let p = &p / p.sum_axis_keepdims(-1);
    of_label(&labels, &p.maximum(EPSILON).minimum(1.0 - EPSILON).log())
}

/// As [`sparse_categorical_crossentropy`], for logits of probabilities (`p = softmax(x)`).
#[loss]
pub fn sparse_categorical_crossentropy_from_logits(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (labels, x) = labelled("sparse_categorical_crossentropy_from_logits", y_true, y_pred);
    of_label(&labels, &x.log_softmax(-1))
}

/// The mean of the negative logarithms at the labels.
#[track_caller]
fn of_label(labels: &Tensor, logarithms: &Tensor) -> Tensor {
    let labels = labels.check_range(0, logarithms.dim(-1), "label").cast(DType::I64);
    -logarithms.take_along_axis(labels.expand_dims(-1), -1).mean()
}
