//! The share of variance that a model explains.

use holotype_macros::{Module, metric};

use super::Metric;
use super::weights::of_each;
use crate::error::{Location, Result};
use crate::graph::Variable;
use crate::losses::paired;
use crate::tensor::{DType, Tensor};

/// The coefficient of determination, `1 - Σ(t - p)² / Σ(t - mean t)²`, of each output, and the mean over them, as scikit-learn's
/// `r2_score` and Keras' `R2Score`; 0 for an output whose targets are all the same. Float tensors of the same shape,
/// `[.., outputs]`.
///
/// ```
/// use holotype::metrics::{Metric, R2Score};
/// use holotype::prelude::*;
/// let metric = R2Score::new(1);
/// metric.update(&Tensor::from([[1.0_f32], [4.0], [3.0]]), &Tensor::from([[2.0_f32], [4.0], [4.0]]));
/// assert!((metric.result().to_scalar::<f64>()? - 4.0 / 7.0).abs() < 1e-12);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct R2Score {
    outputs: usize,
    /// `[3, outputs]`: the sums of targets, of their squares, and of squared differences.
    #[module(state)]
    sums: Variable,
    #[module(state)]
    count: Variable,
}

impl R2Score {
    /// Of a model with so many outputs.
    pub fn new(outputs: usize) -> Self {
        let sums = Variable::state(Tensor::full([3, outputs], 0.0_f64));
        Self { outputs, sums, count: Variable::state(Tensor::scalar(0.0_f64)) }
    }

    #[track_caller]
    fn add(&self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) {
        let (mut t, p) = paired("r2_score", y_true, y_pred);
        let last = if p.error().is_none() && p.rank() > 1 { p.dim(-1).as_usize() } else { None };
        if let Some(found) = last.filter(|found| *found != self.outputs) {
            let message = format!(
                "the output has {found} numbers in its last dimension, and the metric is made for {}: `R2Score::new({found})`",
                self.outputs
            );
            t = Tensor::failed("r2_score", &[y_true, y_pred], message, Location::caller());
        }
        let (t, p) = (t.cast(DType::F64), p.cast(DType::F64));
        let weights = weights.map(|weights| of_each(weights, &t));
        let weighted = |x: Tensor| match &weights {
            Some(weights) => x * weights,
            None => x,
        };
        let sum = |x: Tensor| weighted(x).reshape([-1, self.outputs as i64]).sum_axis(0);
        let (first, second, third) = (sum(t.clone()), sum(t.square()), sum((&t - p).square()));
        self.sums.assign(self.sums.value() + Tensor::stack(&[&first, &second, &third], 0));
        self.count.assign(self.count.value() + weighted(t.ones_like()).sum() / self.outputs.max(1));
    }
}

#[metric]
impl Metric for R2Score {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.add(y_true, y_pred, None);
    }

    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        self.add(y_true, y_pred, Some(weights));
        Ok(())
    }

    fn result(&self) -> Tensor {
        let [sum, squares, residual] =
            [0, 1, 2].map(|at| self.sums.value().take(Tensor::scalar(at as i64), 0));
        let total = squares - sum.square() / self.count.value();
        let none = total.equal(0.0);
        none.select(0.0, 1.0 - residual / none.select(1.0, &total)).mean()
    }

    fn reset(&self) {
        self.sums.assign(self.sums.value().zeros_like());
        self.count.assign(self.count.value().zeros_like());
    }
}
