//! A rate that rises once and falls to almost nothing.

use holotype_macros::{Module, schedule};

use super::half_cosine;
use crate::tensor::Tensor;
use crate::train::Schedule;

/// One cycle: from `peak / 25` up to `peak` in the first 30 % of the steps, and down to `peak / 250000` in the others, along halves
/// of cosines: [Smith and Topin 2018](https://arxiv.org/abs/1708.07120), as PyTorch's `OneCycleLR` with its defaults.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::OneCycle;
/// let rate = OneCycle::new(1.0, 100);
/// assert_eq!(rate.rate(&Tensor::from(29.0_f64)).to_scalar::<f64>()?, 1.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct OneCycle {
    peak: f64,
    steps: u64,
    rise: f64,
    first: f64,
    last: f64,
}

impl OneCycle {
    /// So many steps, the rate of the highest being `peak`.
    pub fn new(peak: f64, steps: u64) -> Self {
        Self { peak, steps, rise: 0.3, first: 25.0, last: 1e4 }
    }

    /// The share of the steps, between 0 and 1, that the rate rises in; 0.3 if none is said.
    pub fn rise(mut self, share: f64) -> Self {
        self.rise = share.clamp(0.0, 1.0);
        self
    }

    /// The first rate is the peak over `first` (25), and the last is the first over `last` (10000).
    pub fn divisors(mut self, first: f64, last: f64) -> Self {
        (self.first, self.last) = (first, last);
        self
    }
}

#[schedule]
impl Schedule for OneCycle {
    fn rate(&self, step: &Tensor) -> Tensor {
        // The first phase ends on the step before `rise * steps`, the second on the last step.
        let top = (self.rise * self.steps as f64 - 1.0).max(0.0);
        let bottom = (self.steps as f64 - 1.0).max(0.0);
        let up = if top > 0.0 { step / top } else { step.ones_like() };
        let down = if bottom > top { ((step - top) / (bottom - top)).minimum(1.0) } else { step.ones_like() };
        let first = self.peak / self.first;
        let falling = half_cosine(self.peak, first / self.last, &down);
        step.less(top).select(half_cosine(first, self.peak, &up), falling)
    }
}
