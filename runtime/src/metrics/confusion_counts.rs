//! Counts of right and wrong decisions between two classes.

use holotype_macros::{Module, metric};

use super::Metric;
use super::weights::of_each;
use crate::error::Result;
use crate::graph::Variable;
use crate::losses::paired;
use crate::tensor::{DType, Tensor};

/// How many elements are true positives, false positives, true negatives and false negatives, in this order: those that the model
/// says are true are above a threshold (0.5), those that are true are above 0.5. Numeric tensors of the same shape.
///
/// ```
/// use holotype::metrics::{ConfusionCounts, Metric};
/// use holotype::prelude::*;
/// let counts = ConfusionCounts::new();
/// counts.update(&Tensor::from([1.0_f32, 1.0, 0.0, 0.0, 1.0]), &Tensor::from([0.9_f32, 0.2, 0.8, 0.3, 0.7]));
/// assert_eq!(counts.result().to_vec::<f64>()?, [2.0, 1.0, 1.0, 1.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct ConfusionCounts {
    threshold: f64,
    #[module(state)]
    counts: Variable,
}

impl Default for ConfusionCounts {
    fn default() -> Self {
        Self::new()
    }
}

impl ConfusionCounts {
    /// With a threshold of 0.5.
    pub fn new() -> Self {
        Self { threshold: 0.5, counts: Variable::state(Tensor::full([4], 0.0_f64)) }
    }

    /// Another threshold.
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// True positives, false positives, true negatives, false negatives.
    pub(super) fn parts(&self) -> [Tensor; 4] {
        let counts = self.counts.value();
        [0, 1, 2, 3].map(|at| counts.take(Tensor::scalar(at as i64), 0))
    }

    fn add(&self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) {
        let (t, p) = paired("confusion_counts", &y_true.cast(y_pred.dtype()), y_pred);
        let (t, p) = (t.greater(0.5), p.greater(self.threshold));
        let weights = weights.map(|weights| of_each(weights, y_pred));
        let count = |both: Tensor| {
            let both = both.cast(DType::F64);
            weights.as_ref().map_or_else(|| both.sum(), |weights| (&both * weights).sum())
        };
        let counts = [
            count(t.logical_and(&p)),
            count((!&t).logical_and(&p)),
            count((!&t).logical_and(!&p)),
            count(t.logical_and(!&p)),
        ];
        let [a, b, c, d] = &counts;
        self.counts.assign(self.counts.value() + Tensor::stack(&[a, b, c, d], 0));
    }
}

#[metric]
impl Metric for ConfusionCounts {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.add(y_true, y_pred, None);
    }

    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        self.add(y_true, y_pred, Some(weights));
        Ok(())
    }

    fn result(&self) -> Tensor {
        self.counts.value()
    }

    fn reset(&self) {
        self.counts.assign(self.counts.value().zeros_like());
    }
}

/// `a / b`, and 0 where `b` is 0.
pub(super) fn share(a: Tensor, b: &Tensor) -> Tensor {
    let none = b.equal(0.0);
    none.select(0.0, a / none.select(1.0, b))
}
