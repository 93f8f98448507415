//! The root of the mean of squared differences.

use holotype_macros::{Module, metric};

use super::Metric;
use super::running_mean::RunningMean;
use crate::error::Result;
use crate::losses::paired;
use crate::tensor::Tensor;

/// The root of the mean of `(y_true - y_pred)²` over all elements of all batches. Float tensors of the same shape.
///
/// ```
/// use holotype::metrics::{Metric, RootMeanSquaredError};
/// use holotype::prelude::*;
/// let metric = RootMeanSquaredError::new();
/// metric.update(&Tensor::from([1.0_f32, 2.0]), &Tensor::from([4.0_f32, -2.0]));
/// assert_eq!(metric.result().to_scalar::<f64>()?, 12.5_f64.sqrt());
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct RootMeanSquaredError {
    squares: RunningMean,
}

impl Default for RootMeanSquaredError {
    fn default() -> Self {
        Self::new()
    }
}

impl RootMeanSquaredError {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self { squares: RunningMean::new() }
    }

    fn add(&self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) {
        let (t, p) = paired("root_mean_squared_error", y_true, y_pred);
        self.squares.add(&(t - p).square(), weights);
    }
}

#[metric]
impl Metric for RootMeanSquaredError {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.add(y_true, y_pred, None);
    }

    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        self.add(y_true, y_pred, Some(weights));
        Ok(())
    }

    fn result(&self) -> Tensor {
        self.squares.result().sqrt()
    }

    fn reset(&self) {
        self.squares.reset();
    }
}
