//! The share of right answers.

use holotype_macros::metric;

use crate::losses::{labelled, paired};
use crate::tensor::{DType, Tensor};

/// The share of right answers, from 0 to 1, as `f32`.
///
/// - labels (an integer tensor `[..]`) and scores (`[.., classes]`): whether the greatest score is at the label;
/// - distributions (a numeric tensor `[.., classes]`) and scores of the same shape: whether both are greatest at one class;
/// - truth values (a numeric tensor) and probabilities of the same shape with a last dimension of 1 or no more than one
///   dimension, or truth values of dtype `bool` and probabilities of any shape: whether the probability is above 0.5 where
///   the target is true or above 0.5.
///
/// ```
/// use holotype::metrics::accuracy;
/// use holotype::prelude::*;
/// let scores = Tensor::from([[0.1_f32, 0.9], [0.8, 0.2]]);
/// assert_eq!(accuracy(&Tensor::from([1_i64, 1]), &scores).to_scalar::<f32>()?, 0.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[metric]
pub fn accuracy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    if y_true.dtype().is_int() && y_true.rank() != y_pred.rank() {
        let (labels, scores) = labelled("accuracy", y_true, y_pred);
        return share(&scores.argmax(-1).equal(labels.cast(DType::I64)));
    }
    let (targets, scores) = paired("accuracy", &y_true.cast(y_pred.dtype()), y_pred);
    let one_class = y_true.dtype() == DType::Bool || scores.rank() < 2 || scores.dim(-1) == 1;
    if one_class {
        share(&scores.greater(0.5).equal(targets.greater(0.5)))
    } else {
        share(&scores.argmax(-1).equal(targets.argmax(-1)))
    }
}

pub(super) fn share(right: &Tensor) -> Tensor {
    right.cast(DType::F32).mean()
}
