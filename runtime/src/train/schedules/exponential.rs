//! A rate that falls by the same factor all the time.

use holotype_macros::{Module, schedule};

use crate::tensor::Tensor;
use crate::train::Schedule;

/// `rate * factor^(step / steps)`: Keras' `ExponentialDecay`; with `steps` = 1, PyTorch's `ExponentialLR`.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::ExponentialDecay;
/// let rate = ExponentialDecay::new(1.0, 100, 0.25);
/// assert_eq!(rate.rate(&Tensor::from(50.0_f64)).to_scalar::<f64>()?, 0.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct ExponentialDecay {
    rate: f64,
    steps: u64,
    factor: f64,
}

impl ExponentialDecay {
    /// From this rate, times `factor` after so many steps.
    pub fn new(rate: f64, steps: u64, factor: f64) -> Self {
        Self { rate, steps, factor }
    }
}

#[schedule]
impl Schedule for ExponentialDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        Tensor::scalar(self.factor).pow(step / self.steps.max(1)) * self.rate
    }
}
