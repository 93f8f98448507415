//! A rate over a growing number.

use holotype_macros::{Module, schedule};

use crate::tensor::Tensor;
use crate::train::Schedule;

/// `rate / (1 + factor * step / steps)`, section 4.7 of [Bottou 2012](https://doi.org/10.1007/978-3-642-35289-8_25); Keras'
/// `InverseTimeDecay`.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::InverseTimeDecay;
/// let rate = InverseTimeDecay::new(1.0, 100, 1.0);
/// assert_eq!(rate.rate(&Tensor::from(100.0_f64)).to_scalar::<f64>()?, 0.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct InverseTimeDecay {
    rate: f64,
    steps: u64,
    factor: f64,
}

impl InverseTimeDecay {
    /// From this rate, over 1 and `factor` for each so many steps.
    pub fn new(rate: f64, steps: u64, factor: f64) -> Self {
        Self { rate, steps, factor }
    }
}

#[schedule]
impl Schedule for InverseTimeDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        self.rate / (step / self.steps.max(1) * self.factor + 1.0)
    }
}
