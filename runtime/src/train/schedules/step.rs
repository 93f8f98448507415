//! A rate that falls by a factor now and then.

use holotype_macros::{Module, schedule};

use crate::tensor::Tensor;
use crate::train::Schedule;

/// `rate * factor^floor(step / every)`: what [He et al. 2015](https://arxiv.org/abs/1512.03385) train with, `factor` being 0.1;
/// PyTorch's `StepLR`.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::StepDecay;
/// let rate = StepDecay::new(1.0, 100, 0.5);
/// assert_eq!(rate.rate(&Tensor::from(199.0_f64)).to_scalar::<f64>()?, 0.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct StepDecay {
    rate: f64,
    every: u64,
    factor: f64,
}

impl StepDecay {
    /// From this rate, times `factor` every so many steps.
    pub fn new(rate: f64, every: u64, factor: f64) -> Self {
        Self { rate, every, factor }
    }
}

#[schedule]
impl Schedule for StepDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        Tensor::scalar(self.factor).pow((step / self.every.max(1)).floor()) * self.rate
    }
}
