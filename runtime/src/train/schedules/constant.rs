//! The same rate at every step.

use holotype_macros::{Module, schedule};

use crate::tensor::Tensor;
use crate::train::Schedule;

/// The same rate at every step: what a schedule around others, such as [`LinearWarmup`](super::LinearWarmup), takes for a
/// number. (For an optimizer the number itself is better: it can be changed.)
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::schedules::{Constant, LinearWarmup};
/// let rate = LinearWarmup::new(10, Constant::new(0.5));
/// assert_eq!(rate.rate(&Tensor::from(5.0_f64)).to_scalar::<f64>()?, 0.25);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Constant {
    rate: f64,
}

impl Constant {
    /// This rate.
    pub fn new(rate: f64) -> Self {
        Self { rate }
    }
}

#[schedule]
impl Schedule for Constant {
    fn rate(&self, _: &Tensor) -> Tensor {
        Tensor::scalar(self.rate)
    }
}
