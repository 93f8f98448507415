//! The F1 score of decisions between two classes.

use holotype_macros::{Module, metric};

use super::Metric;
use super::confusion_counts::{ConfusionCounts, share};
use crate::error::Result;
use crate::tensor::Tensor;

/// The harmonic mean of precision and recall, `2 tp / (2 tp + fp + fn)`, and 0 if there is nothing to count.
/// Operands as those of [`ConfusionCounts`].
///
/// ```
/// use holotype::metrics::{F1Score, Metric};
/// use holotype::prelude::*;
/// let metric = F1Score::new();
/// metric.update(&Tensor::from([1.0_f32, 1.0, 0.0, 0.0, 1.0]), &Tensor::from([0.9_f32, 0.2, 0.8, 0.3, 0.7]));
/// assert_eq!(metric.result().to_scalar::<f64>()?, 2.0 / 3.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module, Default)]
pub struct F1Score {
    counts: ConfusionCounts,
}

impl F1Score {
    /// With a threshold of 0.5.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another threshold.
    pub fn threshold(self, threshold: f64) -> Self {
        Self { counts: self.counts.threshold(threshold) }
    }
}

#[metric]
impl Metric for F1Score {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.counts.update(y_true, y_pred);
    }

    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        self.counts.update_weighted(y_true, y_pred, weights)
    }

    fn result(&self) -> Tensor {
        let [tp, fp, _, missed] = self.counts.parts();
        share(&tp * 2.0, &(&tp * 2.0 + fp + missed))
    }

    fn reset(&self) {
        self.counts.reset();
    }
}
