//! A rate that rises before another schedule begins.

use holotype_macros::{Module, schedule};

use crate::tensor::Tensor;
use crate::train::Schedule;

/// In the first `steps` steps, from a start (0) to the first rate of another schedule, along a line; then that schedule, from its
/// beginning: the gradual warm-up of [Goyal et al. 2017](https://arxiv.org/abs/1706.02677), section 2.2.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::{CosineDecay, LinearWarmup};
/// let rate = LinearWarmup::new(100, CosineDecay::new(1.0, 1000));
/// let at = |step: f64| rate.rate(&Tensor::from(step)).to_scalar::<f64>();
/// assert_eq!((at(0.0)?, at(50.0)?, at(100.0)?, at(600.0)?), (0.0, 0.5, 1.0, 0.5));
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct LinearWarmup {
    steps: u64,
    start: f64,
    then: Box<dyn Schedule>,
}

impl LinearWarmup {
    /// So many steps to the first rate of a schedule, and then that schedule.
    pub fn new(steps: u64, then: impl Schedule) -> Self {
        Self { steps, start: 0.0, then: Box::new(then) }
    }

    /// From this rate instead of 0.
    pub fn start(mut self, start: f64) -> Self {
        self.start = start;
        self
    }
}

#[schedule]
impl Schedule for LinearWarmup {
    fn rate(&self, step: &Tensor) -> Tensor {
        let reached = step.greater_equal(self.steps);
        let rate = self.then.rate(&(step - self.steps).maximum(0.0));
        let part = step / self.steps.max(1);
        reached.select(&rate, self.start + (&rate - self.start) * part)
    }
}
