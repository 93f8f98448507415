//! The area under a curve over all thresholds.

use holotype_macros::{Module, metric};
use serde::{Deserialize, Serialize};

use super::Metric;
use super::confusion_counts::share;
use super::weights::of_each;
use crate::error::Result;
use crate::graph::Variable;
use crate::losses::paired;
use crate::tensor::{DType, Tensor};

/// Which curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Curve {
    Roc,
    PrecisionRecall,
}

/// The area under the curve of the true positive rate over the false positive rate (ROC), or of precision over recall (PR), from
/// counts at 200 thresholds from 0 to 1, as Keras' `AUC`: trapezoids for ROC, and the interpolation of [Davis and Goadrich
/// 2006](https://doi.org/10.1145/1143844.1143874) for PR. Truth values and probabilities, numeric tensors of the same shape.
///
/// ```
/// use holotype::metrics::{Auc, Metric};
/// use holotype::prelude::*;
/// let metric = Auc::roc();
/// metric.update(&Tensor::from([0.0_f32, 0.0, 1.0, 1.0]), &Tensor::from([0.0_f32, 0.5, 0.3, 0.9]));
/// assert!((metric.result().to_scalar::<f64>()? - 0.75).abs() < 1e-12);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Auc {
    #[module(config)]
    curve: Curve,
    thresholds: usize,
    /// `[2, thresholds]`: what is said to be true at each threshold, and is or is not.
    #[module(state)]
    said: Variable,
    /// `[2]`: how many are true, and how many are not.
    #[module(state)]
    are: Variable,
}

/// How far the outermost thresholds are from 0 and 1.
const EPSILON: f64 = 1e-7;

impl Auc {
    /// Of the true positive rate over the false positive rate.
    pub fn roc() -> Self {
        Self::of(Curve::Roc, 200)
    }

    /// Of precision over recall.
    pub fn precision_recall() -> Self {
        Self::of(Curve::PrecisionRecall, 200)
    }

    /// With another number of thresholds, 2 or more.
    pub fn thresholds(self, thresholds: usize) -> Self {
        Self::of(self.curve, thresholds.max(2))
    }

    fn of(curve: Curve, thresholds: usize) -> Self {
        let zeros = |sizes: &[usize]| Variable::state(Tensor::full(sizes.to_vec(), 0.0_f64));
        Self { curve, thresholds, said: zeros(&[2, thresholds]), are: zeros(&[2]) }
    }

    fn add(&self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) {
        let (t, p) = paired("auc", &y_true.cast(y_pred.dtype()), y_pred);
        let last = self.thresholds - 1;
        let threshold = |at: usize| match at {
            0 => -EPSILON,
            at if at == last => 1.0 + EPSILON,
            at => at as f64 / last as f64,
        };
        let thresholds = Tensor::from((0..=last).map(threshold).collect::<Vec<f64>>()).cast(p.dtype());
        let truth = t.reshape([-1]).greater(0.5);
        let mut truth = Tensor::stack(&[&truth, &!&truth], 0).cast(DType::F64);
        if let Some(weights) = weights {
            truth *= of_each(weights, &p).reshape([-1]).expand_dims(0);
        }
        let said = p.reshape([-1]).expand_dims(-1).greater(thresholds.expand_dims(0)).cast(DType::F64);
        self.said.assign(self.said.value() + truth.matmul(said));
        self.are.assign(self.are.value() + truth.sum_axis(1));
    }
}

#[metric]
impl Metric for Auc {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.add(y_true, y_pred, None);
    }

    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        self.add(y_true, y_pred, Some(weights));
        Ok(())
    }

    fn result(&self) -> Tensor {
        let row = |x: &Variable, at: i64| x.value().take(Tensor::scalar(at), 0);
        let (tp, fp) = (row(&self.said, 0), row(&self.said, 1));
        let (positives, negatives) = (row(&self.are, 0), row(&self.are, 1));
        // Each threshold, and the next one.
        let last = self.thresholds as i64 - 1;
        let lower = |x: &Tensor| x.take(Tensor::arange(last), 0);
        let upper = |x: &Tensor| x.take(Tensor::arange(last) + 1, 0);
        match self.curve {
            Curve::Roc => {
                // Rates of a class that there is none of are 0.
                let (x, y) = (share(fp, &negatives), share(tp, &positives));
                ((lower(&x) - upper(&x)) * (lower(&y) + upper(&y)) * 0.5).sum()
            }
            Curve::PrecisionRecall => {
                let said = &tp + &fp;
                let (more, of) = (lower(&tp) - upper(&tp), (lower(&said) - upper(&said)).maximum(0.0));
                let slope = share(more.clone(), &of);
                let intercept = upper(&tp) - &slope * upper(&said);
                let both = lower(&said).greater(0.0).logical_and(upper(&said).greater(0.0));
                let ratio = both.select(share(lower(&said), &upper(&said)), 1.0);
                let parts = slope * (more + intercept * both.select(ratio, 1.0).log());
                share(parts.sum(), &positives)
            }
        }
    }

    fn reset(&self) {
        self.said.assign(self.said.value().zeros_like());
        self.are.assign(self.are.value().zeros_like());
    }
}
