//! How far what is true and what the model says overlap.

use holotype_macros::{Module, metric};

use super::Metric;
use super::confusion_counts::share;
use super::confusion_matrix::ConfusionMatrix;
use crate::error::Result;
use crate::tensor::{DType, Tensor};

/// The intersection over the union of where a class is true and where the model says it is, as a mean over the classes that there
/// are; Keras' `MeanIoU`. Operands as those of [`ConfusionMatrix`].
///
/// ```
/// use holotype::metrics::{MeanIou, Metric};
/// use holotype::prelude::*;
/// let metric = MeanIou::new(2);
/// metric.update(&Tensor::from([1_i64, 1, 0]), &Tensor::from([[0.1_f32, 0.9], [0.8, 0.2], [0.7, 0.3]]));
/// assert_eq!(metric.result().to_scalar::<f64>()?, 0.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct MeanIou {
    matrix: ConfusionMatrix,
}

impl MeanIou {
    /// For so many classes.
    pub fn new(classes: usize) -> Self {
        Self { matrix: ConfusionMatrix::new(classes) }
    }
}

#[metric]
impl Metric for MeanIou {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.matrix.update(y_true, y_pred);
    }

    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        self.matrix.update_weighted(y_true, y_pred, weights)
    }

    fn result(&self) -> Tensor {
        let matrix = self.matrix.result();
        let both = matrix.diagonal(0, 0, 1);
        let either = matrix.sum_axis(0) + matrix.sum_axis(1) - &both;
        let there_are = either.greater(0.0).cast(DType::F64).sum();
        share(share(both, &either).sum(), &there_are)
    }

    fn reset(&self) {
        self.matrix.reset();
    }
}
