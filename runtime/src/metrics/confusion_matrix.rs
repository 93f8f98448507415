//! Counts of answers among several classes.

use holotype_macros::{Module, metric};

use super::Metric;
use super::weights::of_each;
use crate::error::Result;
use crate::graph::Variable;
use crate::losses::{labelled, paired};
use crate::tensor::{DType, Tensor};

/// How often each class was taken for each: row by what is true, column by the greatest score. Labels (integers `[..]`) and scores
/// (`[.., classes]`), or distributions and scores of the same shape. A label out of range is an error.
///
/// ```
/// use holotype::metrics::{ConfusionMatrix, Metric};
/// use holotype::prelude::*;
/// let matrix = ConfusionMatrix::new(2);
/// matrix.update(&Tensor::from([1_i64, 1, 0]), &Tensor::from([[0.1_f32, 0.9], [0.8, 0.2], [0.7, 0.3]]));
/// assert_eq!(matrix.result().to_vec::<f64>()?, [1.0, 0.0, 1.0, 1.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct ConfusionMatrix {
    classes: usize,
    #[module(state)]
    counts: Variable,
}

impl ConfusionMatrix {
    /// For so many classes.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: Variable::state(Tensor::full([classes, classes], 0.0_f64)) }
    }

    fn add(&self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) {
        let (labels, answers) = classes_of("confusion_matrix", y_true, y_pred);
        let classes = self.classes;
        let cells =
            labels.check_range(0, classes, "label") * classes + answers.check_range(0, classes, "class");
        let counts = match weights {
            Some(weights) => cells.bincount_weighted(of_each(weights, &cells), classes * classes),
            None => cells.bincount(classes * classes).cast(DType::F64),
        };
        self.counts.assign(self.counts.value() + counts.reshape([classes, classes]));
    }
}

#[metric]
impl Metric for ConfusionMatrix {
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

/// The classes that are true, and those that the model says are, as `i64`.
#[track_caller]
pub(super) fn classes_of(metric: &str, y_true: &Tensor, y_pred: &Tensor) -> (Tensor, Tensor) {
    if y_true.dtype().is_int() && y_true.rank() != y_pred.rank() {
        let (labels, scores) = labelled(metric, y_true, y_pred);
        return (labels.cast(DType::I64), scores.argmax(-1).cast(DType::I64));
    }
    let (targets, scores) = paired(metric, &y_true.cast(y_pred.dtype()), y_pred);
    (targets.argmax(-1).cast(DType::I64), scores.argmax(-1).cast(DType::I64))
}
