//! Recall of decisions between two classes.

use holotype_macros::{Module, metric};

use super::Metric;
use super::confusion_counts::{ConfusionCounts, share};
use crate::error::Result;
use crate::tensor::Tensor;

/// The share of what is true that the model says is true: `tp / (tp + fn)`, and 0 if nothing is.
/// Operands as those of [`ConfusionCounts`].
///
/// ```
/// use holotype::metrics::{Recall, Metric};
/// use holotype::prelude::*;
/// let metric = Recall::new();
/// metric.update(&Tensor::from([1.0_f32, 1.0, 0.0, 0.0, 1.0]), &Tensor::from([0.9_f32, 0.2, 0.8, 0.3, 0.7]));
/// assert_eq!(metric.result().to_scalar::<f64>()?, 2.0 / 3.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module, Default)]
pub struct Recall {
    counts: ConfusionCounts,
}

impl Recall {
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
impl Metric for Recall {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.counts.update(y_true, y_pred);
    }

    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        self.counts.update_weighted(y_true, y_pred, weights)
    }

    fn result(&self) -> Tensor {
        let [tp, _, _, missed] = self.counts.parts();
        share(tp.clone(), &(tp + missed))
    }

    fn reset(&self) {
        self.counts.reset();
    }
}
