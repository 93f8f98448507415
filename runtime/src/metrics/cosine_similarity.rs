//! The cosine of the angle between vectors.

use holotype_macros::metric;

use crate::functional::Norm;
use crate::losses::paired;
use crate::tensor::Tensor;

/// The mean over all rows of the cosine of the angle between `y_true` and `y_pred`, vectors along the last dimension; norms count
/// as no less than 1e-7. Float tensors of the same shape.
///
/// ```
/// use holotype::metrics::cosine_similarity;
/// use holotype::prelude::*;
/// let value = cosine_similarity(&Tensor::from([[0.0_f32, 2.0]]), &Tensor::from([[3.0_f32, 4.0]]));
/// assert!((value.to_scalar::<f32>()? - 0.8).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[metric]
pub fn cosine_similarity(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (t, p) = paired("cosine_similarity", y_true, y_pred);
    let unit = |x: &Tensor| x.normalize(Norm::L2, -1, 1e-7);
    (unit(&t) * unit(&p)).sum_axis(-1).mean()
}
