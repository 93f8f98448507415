//! A rate that falls along a power.

use holotype_macros::{Module, schedule};

use super::progress;
use crate::tensor::Tensor;
use crate::train::Schedule;

/// `end + (rate - end)(1 - step / steps)^power`, and `end` after `steps`: the "poly" rule of [Chen et al.
/// 2016](https://arxiv.org/abs/1606.00915); a line if `power` is 1. Keras' `PolynomialDecay`.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::PolynomialDecay;
/// let rate = PolynomialDecay::new(1.0, 1000, 2.0);
/// assert_eq!(rate.rate(&Tensor::from(500.0_f64)).to_scalar::<f64>()?, 0.25);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct PolynomialDecay {
    rate: f64,
    steps: u64,
    power: f64,
    end: f64,
}

impl PolynomialDecay {
    /// From this rate to 0 in so many steps.
    pub fn new(rate: f64, steps: u64, power: f64) -> Self {
        Self { rate, steps, power, end: 0.0 }
    }

    /// To this rate instead of 0.
    pub fn end(mut self, end: f64) -> Self {
        self.end = end;
        self
    }
}

#[schedule]
impl Schedule for PolynomialDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        let left = 1.0 - progress(step, self.steps);
        left.pow(self.power) * (self.rate - self.end) + self.end
    }
}
