//! A rate that falls along half a cosine again and again.

use holotype_macros::{Module, schedule};

use super::half_cosine;
use crate::tensor::Tensor;
use crate::train::Schedule;

/// SGDR: half a cosine from `rate` to `end` in `period` steps, then from `rate` again, each period `growth` times as long as
/// the one before: section 3 of [Loshchilov and Hutter 2016](https://arxiv.org/abs/1608.03983).
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::CosineRestarts;
/// let rate = CosineRestarts::new(1.0, 10).growth(2.0);
/// let at = |step: f64| rate.rate(&Tensor::from(step)).to_scalar::<f64>();
/// assert_eq!((at(5.0)?, at(10.0)?, at(20.0)?, at(30.0)?), (0.5, 1.0, 0.5, 1.0));
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct CosineRestarts {
    rate: f64,
    period: u64,
    growth: f64,
    end: f64,
}

impl CosineRestarts {
    /// From this rate to 0 every so many steps.
    pub fn new(rate: f64, period: u64) -> Self {
        Self { rate, period, growth: 1.0, end: 0.0 }
    }

    /// How many times as long each period is as the one before, 1 or more.
    pub fn growth(mut self, growth: f64) -> Self {
        self.growth = growth.max(1.0);
        self
    }

    /// To this rate instead of 0.
    pub fn end(mut self, end: f64) -> Self {
        self.end = end;
        self
    }
}

#[schedule]
impl Schedule for CosineRestarts {
    fn rate(&self, step: &Tensor) -> Tensor {
        let periods = step / self.period.max(1);
        let progress = if self.growth > 1.0 {
            // Period i begins at the sum of those before it, (growth^i - 1) / (growth - 1) first periods. The logarithm says
            // which one it is up to a rounding, so the nearest number may be the next one, which has not begun.
            let growth = Tensor::scalar(self.growth);
            let begins = |i: &Tensor| (growth.pow(i) - 1.0) / (self.growth - 1.0);
            let number = (periods.clone() * (self.growth - 1.0) + 1.0).log() / self.growth.ln();
            let number = number.round();
            let number = &number - begins(&number).greater(&periods).cast(step.dtype());
            (periods - begins(&number)) / growth.pow(&number)
        } else {
            &periods - periods.floor()
        };
        half_cosine(self.rate, self.end, &progress)
    }
}
