//! How many words a model hesitates between.

use holotype_macros::{Module, metric};

use super::Metric;
use super::running_mean::RunningMean;
use crate::error::Result;
use crate::losses::labelled;
use crate::tensor::{DType, Tensor};

/// How close to 0 probabilities are let, so that their logarithms are finite; Keras' value.
const EPSILON: f64 = 1e-7;

/// `e` to the mean of `-ln p[label]` over all labels ([Jelinek et al. 1977](https://doi.org/10.1121/1.2016299)), for labels
/// (integers `[..]`) and probabilities (`[.., classes]`), which are made to sum to 1. A label out of range is an error.
///
/// ```
/// use holotype::metrics::{Metric, Perplexity};
/// use holotype::prelude::*;
/// let metric = Perplexity::new();
/// metric.update(&Tensor::from([0_i64, 1]), &Tensor::from([[0.5_f64, 0.5], [0.5, 0.5]]));
/// assert!((metric.result().to_scalar::<f64>()? - 2.0).abs() < 1e-12);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Perplexity {
    from_logits: bool,
    surprise: RunningMean,
}

impl Default for Perplexity {
    fn default() -> Self {
        Self::new()
    }
}

impl Perplexity {
    /// Of probabilities.
    pub fn new() -> Self {
        Self { from_logits: false, surprise: RunningMean::new() }
    }

    /// Of logits instead: `p = softmax(x)`.
    pub fn from_logits(mut self) -> Self {
        self.from_logits = true;
        self
    }

    fn add(&self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) {
        let (labels, x) = labelled("perplexity", y_true, y_pred);
        let logarithms = if self.from_logits {
            x.log_softmax(-1)
        } else {
            (&x / x.sum_axis_keepdims(-1)).maximum(EPSILON).minimum(1.0 - EPSILON).log()
        };
        let labels = labels.check_range(0, x.dim(-1), "label").cast(DType::I64);
        self.surprise.add(&-logarithms.take_along_axis(labels.expand_dims(-1), -1), weights);
    }
}

#[metric]
impl Metric for Perplexity {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.add(y_true, y_pred, None);
    }

    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        self.add(y_true, y_pred, Some(weights));
        Ok(())
    }

    fn result(&self) -> Tensor {
        self.surprise.result().exp()
    }

    fn reset(&self) {
        self.surprise.reset();
    }
}
