//! Cross-entropies that count what is known less.

use holotype_macros::{Module, loss};

use super::Loss;
use super::crossentropy::{binary, shares};
use super::operands::paired;
use crate::tensor::Tensor;

/// Focal loss of two classes, equation 5 of [Lin et al. 2017](https://arxiv.org/abs/1708.02002): the mean of `(1 - q)^γ` times the
/// binary cross-entropy, where `q` is the probability of what is true, `t p + (1 - t)(1 - p)`. Float tensors of the same shape.
///
/// ```
/// use holotype::losses::BinaryFocalCrossentropy;
/// use holotype::prelude::*;
/// let loss = BinaryFocalCrossentropy::new().gamma(1.0);
/// let value = loss.compute(&Tensor::from([1.0_f32]), &Tensor::from([0.5_f32]));
/// assert!((value.to_scalar::<f32>()? - 0.5 * 2.0_f32.ln()).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct BinaryFocalCrossentropy {
    from_logits: bool,
    label_smoothing: f64,
    gamma: f64,
    alpha: Option<f64>,
}

impl Default for BinaryFocalCrossentropy {
    fn default() -> Self {
        Self::new()
    }
}

impl BinaryFocalCrossentropy {
    /// Of probabilities, with γ = 2 and the same weight for both classes.
    pub fn new() -> Self {
        Self { from_logits: false, label_smoothing: 0.0, gamma: 2.0, alpha: None }
    }

    /// Of logits: `p = 1 / (1 + e^-x)`.
    pub fn from_logits(mut self) -> Self {
        self.from_logits = true;
        self
    }

    /// Targets `t (1 - s) + s/2` instead of `t`.
    pub fn label_smoothing(mut self, smoothing: f64) -> Self {
        self.label_smoothing = smoothing;
        self
    }

    /// Another γ.
    pub fn gamma(mut self, gamma: f64) -> Self {
        self.gamma = gamma;
        self
    }

    /// A weight of α for what is true, and of 1 - α for what is not; the paper's is 0.25.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = Some(alpha);
        self
    }
}

#[loss]
impl Loss for BinaryFocalCrossentropy {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (t, x) = paired("binary_focal_crossentropy", y_true, y_pred);
        let t = t * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing;
        let p = if self.from_logits { x.sigmoid() } else { x.clone() };
        let right = &t * &p + (1.0 - &t) * (1.0 - &p);
        let focal = (1.0 - right).pow(self.gamma) * binary(&t, &x, self.from_logits);
        match self.alpha {
            Some(alpha) => ((&t * alpha + (1.0 - &t) * (1.0 - alpha)) * focal).mean(),
            None => focal.mean(),
        }
    }
}

/// Focal loss of several classes: the mean of `-Σ α (1 - p)^γ t ln p`, the sum over classes along the last dimension. Float tensors of
/// the same shape, `[.., classes]`. ([Lin et al. 2017](https://arxiv.org/abs/1708.02002), as Keras extends it.)
///
/// ```
/// use holotype::losses::CategoricalFocalCrossentropy;
/// use holotype::prelude::*;
/// let loss = CategoricalFocalCrossentropy::new().alpha(1.0).gamma(1.0);
/// let value = loss.compute(&Tensor::from([[1.0_f32, 0.0]]), &Tensor::from([[0.5_f32, 0.5]]));
/// assert!((value.to_scalar::<f32>()? - 0.5 * 2.0_f32.ln()).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct CategoricalFocalCrossentropy {
    from_logits: bool,
    label_smoothing: f64,
    gamma: f64,
    alpha: f64,
}

impl Default for CategoricalFocalCrossentropy {
    fn default() -> Self {
        Self::new()
    }
}

impl CategoricalFocalCrossentropy {
    /// Of probabilities, with γ = 2 and α = 0.25.
    pub fn new() -> Self {
        Self { from_logits: false, label_smoothing: 0.0, gamma: 2.0, alpha: 0.25 }
    }

    /// Of logits: `p = softmax(x)`.
    pub fn from_logits(mut self) -> Self {
        self.from_logits = true;
        self
    }

    /// Targets `t (1 - s) + s/classes` instead of `t`.
    pub fn label_smoothing(mut self, smoothing: f64) -> Self {
        self.label_smoothing = smoothing;
        self
    }

    /// Another γ.
    pub fn gamma(mut self, gamma: f64) -> Self {
        self.gamma = gamma;
        self
    }

    /// Another α, the weight of every class.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }
}

#[loss]
impl Loss for CategoricalFocalCrossentropy {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (mut t, x) = paired("categorical_focal_crossentropy", y_true, y_pred);
        if self.label_smoothing != 0.0 {
            let even = self.label_smoothing / t.ones_like().sum_axis_keepdims(-1);
            t = t * (1.0 - self.label_smoothing) + even;
        }
        let p = shares(&if self.from_logits { x.softmax(-1) } else { x }, -1);
        let weight = (1.0 - &p).pow(self.gamma) * self.alpha;
        -(weight * t * p.log()).sum_axis(-1).mean()
    }
}
