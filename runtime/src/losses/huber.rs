//! Squares of small differences, and lengths of large ones.

use holotype_macros::{Module, loss};

use super::Loss;
use super::operands::paired;
use crate::tensor::Tensor;

/// The mean of `x²/2` where `|x| <= delta`, and `delta |x| - delta²/2` elsewhere, of `x = y_pred - y_true` ([Huber
/// 1964](https://doi.org/10.1214/aoms/1177703732)). Float tensors of the same shape.
///
/// ```
/// use holotype::losses::Huber;
/// use holotype::prelude::*;
/// let loss = Huber::new(1.0).compute(&Tensor::from([0.0_f32, 0.0]), &Tensor::from([1.0_f32, -3.0]));
/// assert_eq!(loss.to_scalar::<f32>()?, 1.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Huber {
    delta: f64,
}

impl Huber {
    /// With differences beyond `delta` being large; Keras' is 1.
    pub fn new(delta: f64) -> Self {
        Self { delta }
    }
}

#[loss]
impl Loss for Huber {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (t, p) = paired("huber", y_true, y_pred);
        let x = (p - t).abs();
        let large = &x * self.delta - 0.5 * self.delta * self.delta;
        x.less_equal(self.delta).select(x.square() * 0.5, large).mean()
    }
}
