//! The share of right answers.

use holotype_macros::metric;

use crate::tensor::{DType, Tensor};

/// The share of right answers, from 0 to 1, as `f32`.
///
/// - labels (an integer tensor `[..]`) and scores (`[.., classes]`): whether the greatest score is at the label;
/// - distributions (a float tensor `[.., classes]`) and scores of the same shape: whether both are greatest at one class;
/// - truth values (a float or `bool` tensor) and probabilities of the same shape with one class or none: whether the
///   probability is above 0.5 where the target is.
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
    let classes = y_pred.dim(-1);
    let right = if y_true.dtype().is_int() {
        y_pred.argmax(-1).equal(y_true.cast(DType::I64))
    } else if y_pred.rank() > 1 && classes != 1 && y_true.dtype().is_float() {
        y_pred.argmax(-1).equal(y_true.argmax(-1))
    } else {
        y_pred.greater(0.5).equal(y_true.cast(y_pred.dtype()).greater(0.5))
    };
    right.cast(DType::F32).mean()
}
