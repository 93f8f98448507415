//! The overlap of regions, with weights for what is too much and too little.

use holotype_macros::{Module, loss};

use super::Loss;
use super::operands::paired;
use crate::tensor::Tensor;

/// `1 - Σ t p / (Σ t p + alpha Σ (1 - t) p + beta Σ t (1 - p))`, the sums over all elements ([Salehi et al.
/// 2017](https://arxiv.org/abs/1706.05721)): `alpha` weighs what is falsely said to be true, `beta` what is missed. Float tensors
/// of the same shape, from 0 to 1.
///
/// ```
/// use holotype::losses::Tversky;
/// use holotype::prelude::*;
/// let loss = Tversky::new(0.5, 0.5).compute(&Tensor::from([1.0_f32, 0.0]), &Tensor::from([1.0_f32, 0.0]));
/// assert!(loss.to_scalar::<f32>()?.abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Tversky {
    alpha: f64,
    beta: f64,
}

/// What keeps the quotient finite: Keras' value.
const EPSILON: f64 = 1e-7;

impl Tversky {
    /// With these weights; 0.5 and 0.5 give Dice.
    pub fn new(alpha: f64, beta: f64) -> Self {
        Self { alpha, beta }
    }
}

#[loss]
impl Loss for Tversky {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (t, p) = paired("tversky", y_true, y_pred);
        let both = (&t * &p).sum();
        let too_much = ((1.0 - &t) * &p).sum();
        let too_little = (t * (1.0 - p)).sum();
        1.0 - &both / (&both + too_much * self.alpha + too_little * self.beta + EPSILON)
    }
}
