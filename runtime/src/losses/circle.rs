//! Distances within classes and between them.

use holotype_macros::{Module, loss};

use super::Loss;
use crate::functional::Norm;
use crate::tensor::{DType, Tensor};

/// Circle loss, equation 6 of [Sun et al. 2020](https://arxiv.org/abs/2002.10857), for labels (integers `[batch]`) and embeddings
/// (`[batch, size]`, float), whose rows are made to have length 1: samples of one class are drawn together, of others driven apart, each
/// the more the farther it is from where it should be. The mean of `softplus(logsumexp(γ a_n (s_n - m)) + logsumexp(-γ a_p (s_p -
/// (1 - m))))` over all samples, as Keras' `Circle`.
///
/// ```
/// use holotype::losses::Circle;
/// use holotype::prelude::*;
/// let points = Tensor::from([[1.0_f32, 0.0], [1.0, 0.0], [-1.0, 0.0]]);
/// let loss = |labels: [i64; 3]| Circle::new().compute(&Tensor::from(labels), &points).to_scalar::<f32>();
/// assert!(loss([0, 0, 1])? < loss([0, 1, 1])?);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Circle {
    gamma: f64,
    margin: f64,
}

impl Default for Circle {
    fn default() -> Self {
        Self::new()
    }
}

impl Circle {
    /// With γ = 80 and a margin of 0.4.
    pub fn new() -> Self {
        Self { gamma: 80.0, margin: 0.4 }
    }

    /// Another γ.
    pub fn gamma(mut self, gamma: f64) -> Self {
        self.gamma = gamma;
        self
    }

    /// Another margin.
    pub fn margin(mut self, margin: f64) -> Self {
        self.margin = margin;
        self
    }
}

#[loss]
impl Loss for Circle {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let p = if y_pred.dtype() == DType::F64 { y_pred.clone() } else { y_pred.cast(DType::F32) };
        let p = p.normalize(Norm::L2, -1, 1e-7);
        let labels = y_true.cast(DType::I64);
        let distances = (1.0 - p.matmul(p.t())).maximum(0.0);
        let same = labels.expand_dims(1).equal(labels.expand_dims(0));
        let own = Tensor::eye(p.dim(0)).cast(DType::Bool);
        let positive = same.logical_and(!own);
        // Terms that are masked are so small that they add nothing, and finite, so that their gradients are.
        let least = f64::from(f32::MIN) / 4.0;
        let weight = (&distances + self.margin).maximum(0.0);
        let of_positive = weight * (&distances - self.margin) * self.gamma;
        let weight = ((1.0 + self.margin) - &distances).maximum(0.0);
        let of_negative = weight * ((1.0 - self.margin) - &distances) * self.gamma;
        let positive = positive.select(of_positive, least).logsumexp(1);
        let negative = same.select(least, of_negative).logsumexp(1);
        (positive + negative).softplus().mean()
    }
}
