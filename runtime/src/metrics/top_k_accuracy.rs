//! The share of answers that are among the best.

use holotype_macros::{Module, metric};

use super::Metric;
use super::running_mean::RunningMean;
use crate::error::Result;
use crate::losses::{labelled, paired};
use crate::tensor::{DType, Tensor};

/// The share of samples whose class is among the `k` with the greatest scores: one that fewer than `k` scores are greater than.
/// Labels (integers `[..]`) and scores (`[.., classes]`), or distributions and scores of the same shape.
///
/// ```
/// use holotype::metrics::{Metric, TopKAccuracy};
/// use holotype::prelude::*;
/// let metric = TopKAccuracy::new(2);
/// metric.update(&Tensor::from([1_i64, 2]), &Tensor::from([[0.5_f32, 0.3, 0.2], [0.5, 0.3, 0.2]]));
/// assert_eq!(metric.result().to_scalar::<f64>()?, 0.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct TopKAccuracy {
    k: usize,
    right: RunningMean,
}

impl TopKAccuracy {
    /// Among so many.
    pub fn new(k: usize) -> Self {
        Self { k, right: RunningMean::new() }
    }

    fn add(&self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) {
        let (labels, scores) = if y_true.dtype().is_int() && y_true.rank() != y_pred.rank() {
            labelled("top_k_accuracy", y_true, y_pred)
        } else {
            let (targets, scores) = paired("top_k_accuracy", &y_true.cast(y_pred.dtype()), y_pred);
            (targets.argmax(-1), scores)
        };
        let labels = labels.check_range(0, scores.dim(-1), "label").cast(DType::I64);
        let own = scores.take_along_axis(labels.expand_dims(-1), -1);
        let greater = scores.greater(own).cast(DType::I64).sum_axis(-1);
        self.right.add(&greater.less(self.k).cast(DType::F64), weights);
    }
}

#[metric]
impl Metric for TopKAccuracy {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.add(y_true, y_pred, None);
    }

    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        self.add(y_true, y_pred, Some(weights));
        Ok(())
    }

    fn result(&self) -> Tensor {
        self.right.result()
    }

    fn reset(&self) {
        self.right.reset();
    }
}
