//! A cross-entropy that bears wrong labels.

use holotype_macros::{Module, loss};

use super::Loss;
use super::operands::labelled;
use crate::tensor::{DType, Tensor};

/// Generalized cross-entropy, equation 6 of [Zhang and Sabuncu 2018](https://arxiv.org/abs/1805.07836): the mean of `(1 - p^q) / q`,
/// where `p` is the probability at the label, for `0 < q < 1`: near 0 it is the cross-entropy, at 1 the mean absolute error. Labels
/// (integers `[..]`) and probabilities (`[.., classes]`); a label out of range is an error.
///
/// ```
/// use holotype::losses::GeneralizedCrossentropy;
/// use holotype::prelude::*;
/// let loss = GeneralizedCrossentropy::new(0.5);
/// let value = loss.compute(&Tensor::from([1_i64]), &Tensor::from([[0.75_f32, 0.25]]));
/// assert_eq!(value.to_scalar::<f32>()?, 1.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct GeneralizedCrossentropy {
    q: f64,
}

impl GeneralizedCrossentropy {
    /// With this `q`.
    pub fn new(q: f64) -> Self {
        Self { q }
    }
}

#[loss]
impl Loss for GeneralizedCrossentropy {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (labels, p) = labelled("generalized_crossentropy", y_true, y_pred);
        let labels = labels.check_range(0, p.dim(-1), "label").cast(DType::I64);
        let p = p.take_along_axis(labels.expand_dims(-1), -1);
        ((1.0 - p.pow(self.q)) / self.q).mean()
    }
}
