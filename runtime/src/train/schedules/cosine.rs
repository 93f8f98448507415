//! A rate that falls along half a cosine.

use holotype_macros::{Module, schedule};

use super::{half_cosine, progress};
use crate::tensor::Tensor;
use crate::train::Schedule;

/// `end + (rate - end)(1 + cos(π step / steps))/2`, and `end` after `steps`: equation 5 of [Loshchilov and Hutter
/// 2016](https://arxiv.org/abs/1608.03983) without restarts.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::CosineDecay;
/// let rate = CosineDecay::new(1.0, 1000).end(0.5);
/// assert_eq!(rate.rate(&Tensor::from(500.0_f64)).to_scalar::<f64>()?, 0.75);
/// assert_eq!(rate.rate(&Tensor::from(2000.0_f64)).to_scalar::<f64>()?, 0.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct CosineDecay {
    rate: f64,
    steps: u64,
    end: f64,
}

impl CosineDecay {
    /// From this rate to 0 in so many steps.
    pub fn new(rate: f64, steps: u64) -> Self {
        Self { rate, steps, end: 0.0 }
    }

    /// To this rate instead of 0.
    pub fn end(mut self, end: f64) -> Self {
        self.end = end;
        self
    }
}

#[schedule]
impl Schedule for CosineDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        half_cosine(self.rate, self.end, &progress(step, self.steps))
    }
}
