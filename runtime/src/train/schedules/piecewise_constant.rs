//! Some rates, one after the other.

use holotype_macros::{Module, schedule};

use crate::tensor::Tensor;
use crate::train::Schedule;

/// Some rates, each from a step on: how [Krizhevsky et al.
/// 2012](https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks) train; PyTorch's
/// `MultiStepLR` with rates instead of a factor.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::PiecewiseConstant;
/// let rate = PiecewiseConstant::new(0.1).then(1000, 0.01).then(2000, 0.001);
/// let at = |step: f64| rate.rate(&Tensor::from(step)).to_scalar::<f64>();
/// assert_eq!((at(999.0)?, at(1000.0)?, at(5000.0)?), (0.1, 0.01, 0.001));
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct PiecewiseConstant {
    rate: f64,
    later: Vec<(u64, f64)>,
}

impl PiecewiseConstant {
    /// This rate from the first step on.
    pub fn new(rate: f64) -> Self {
        Self { rate, later: Vec::new() }
    }

    /// Another rate from a step on; the first step is number 0.
    pub fn then(mut self, step: u64, rate: f64) -> Self {
        self.later.push((step, rate));
        crate::sorted::sort_by_key(&mut self.later, |(step, _)| *step);
        self
    }
}

#[schedule]
impl Schedule for PiecewiseConstant {
    fn rate(&self, step: &Tensor) -> Tensor {
        let from = |rate: Tensor, &(first, later): &(u64, f64)| step.greater_equal(first).select(later, rate);
        self.later.iter().fold(Tensor::scalar(self.rate), from)
    }
}
