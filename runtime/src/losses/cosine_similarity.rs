//! The angle between vectors.

use holotype_macros::{Module, loss};

use super::Loss;
use super::operands::paired;
use crate::functional::Norm;
use crate::tensor::Tensor;

/// The mean of the negative cosine of the angle between vectors along a dimension, the last if none is said: -1 where they point
/// the same way. Norms count as no less than 1e-7. Float tensors of the same shape.
///
/// ```
/// use holotype::losses::CosineSimilarity;
/// use holotype::prelude::*;
/// let loss = CosineSimilarity::new().compute(&Tensor::from([[0.0_f32, 2.0]]), &Tensor::from([[3.0_f32, 4.0]]));
/// assert!((loss.to_scalar::<f32>()? + 0.8).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct CosineSimilarity {
    axis: i64,
}

impl Default for CosineSimilarity {
    fn default() -> Self {
        Self::new()
    }
}

impl CosineSimilarity {
    /// Along the last dimension.
    pub fn new() -> Self {
        Self { axis: -1 }
    }

    /// Along another dimension; negative ones count from the last.
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis as i64;
        self
    }
}

#[loss]
impl Loss for CosineSimilarity {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (t, p) = paired("cosine_similarity", y_true, y_pred);
        let axis = self.axis as isize;
        let unit = |x: &Tensor| x.normalize(Norm::L2, axis, 1e-7);
        -(unit(&t) * unit(&p)).sum_axis(axis).mean()
    }
}
