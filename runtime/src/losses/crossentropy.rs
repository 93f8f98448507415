//! Cross-entropies with parameters.

use holotype_macros::{Module, loss};

use super::Loss;
use super::operands::{labelled, paired};
use crate::tensor::{DType, Tensor};

/// How close to 0 and 1 probabilities are let, so that their logarithms are finite; Keras' value.
const EPSILON: f64 = 1e-7;

/// `-(t ln p + (1 - t) ln (1 - p))` of each element.
pub(super) fn binary(t: &Tensor, x: &Tensor, from_logits: bool) -> Tensor {
    if from_logits {
        return x.maximum(0.0) - x * t + (-x.abs()).exp().log1p();
    }
    let p = x.maximum(EPSILON).minimum(1.0 - EPSILON);
    -(t * p.log() + (1.0 - t) * (1.0 - &p).log())
}

/// Probabilities that sum to 1 along a dimension, 1e-7 away from 0 and 1.
pub(super) fn shares(p: &Tensor, axis: isize) -> Tensor {
    (p / p.sum_axis_keepdims(axis)).maximum(EPSILON).minimum(1.0 - EPSILON)
}

/// `ln p` along a dimension.
fn logarithms(x: &Tensor, axis: isize, from_logits: bool) -> Tensor {
    if from_logits { x.log_softmax(axis) } else { shares(x, axis).log() }
}

/// [`binary_crossentropy`](super::binary_crossentropy) with parameters.
///
/// ```
/// use holotype::losses::BinaryCrossentropy;
/// use holotype::prelude::*;
/// let loss = BinaryCrossentropy::new().from_logits().label_smoothing(0.1);
/// let value = loss.compute(&Tensor::from([1.0_f32]), &Tensor::from([0.0_f32]));
/// assert!((value.to_scalar::<f32>()? - 2.0_f32.ln()).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module, Default)]
pub struct BinaryCrossentropy {
    from_logits: bool,
    label_smoothing: f64,
}

impl BinaryCrossentropy {
    /// Of probabilities, with labels as they are.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of logits: `p = 1 / (1 + e^-x)`.
    pub fn from_logits(mut self) -> Self {
        self.from_logits = true;
        self
    }

    /// Targets `t (1 - s) + s/2` instead of `t` ([Szegedy et al. 2015](https://arxiv.org/abs/1512.00567), section 7).
    pub fn label_smoothing(mut self, smoothing: f64) -> Self {
        self.label_smoothing = smoothing;
        self
    }
}

#[loss]
impl Loss for BinaryCrossentropy {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (t, x) = paired("binary_crossentropy", y_true, y_pred);
        let t = t * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing;
        binary(&t, &x, self.from_logits).mean()
    }
}

/// [`categorical_crossentropy`](super::categorical_crossentropy) with parameters.
///
/// ```
/// use holotype::losses::CategoricalCrossentropy;
/// use holotype::prelude::*;
/// let loss = CategoricalCrossentropy::new().from_logits().label_smoothing(0.1);
/// let value = loss.compute(&Tensor::from([[1.0_f32, 0.0]]), &Tensor::from([[3.0_f32, 3.0]]));
/// assert!((value.to_scalar::<f32>()? - 2.0_f32.ln()).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct CategoricalCrossentropy {
    from_logits: bool,
    label_smoothing: f64,
    axis: i64,
}

impl Default for CategoricalCrossentropy {
    fn default() -> Self {
        Self::new()
    }
}

impl CategoricalCrossentropy {
    /// Of probabilities along the last dimension, with labels as they are.
    pub fn new() -> Self {
        Self { from_logits: false, label_smoothing: 0.0, axis: -1 }
    }

    /// Of logits: `p = softmax(x)`.
    pub fn from_logits(mut self) -> Self {
        self.from_logits = true;
        self
    }

    /// Targets `t (1 - s) + s/classes` instead of `t` ([Szegedy et al. 2015](https://arxiv.org/abs/1512.00567), section 7).
    pub fn label_smoothing(mut self, smoothing: f64) -> Self {
        self.label_smoothing = smoothing;
        self
    }

    /// Classes along another dimension; negative ones count from the last.
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis as i64;
        self
    }
}

#[loss]
impl Loss for CategoricalCrossentropy {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (mut t, x) = paired("categorical_crossentropy", y_true, y_pred);
        let axis = self.axis as isize;
        if self.label_smoothing != 0.0 {
            let even = self.label_smoothing / t.ones_like().sum_axis_keepdims(axis);
            t = t * (1.0 - self.label_smoothing) + even;
        }
        -(t * logarithms(&x, axis, self.from_logits)).sum_axis(axis).mean()
    }
}

/// [`sparse_categorical_crossentropy`](super::sparse_categorical_crossentropy) with parameters.
///
/// ```
/// use holotype::losses::SparseCategoricalCrossentropy;
/// use holotype::prelude::*;
/// let loss = SparseCategoricalCrossentropy::new().from_logits().ignore_class(-1);
/// let value = loss.compute(&Tensor::from([1_i64, -1]), &Tensor::from([[3.0_f32, 3.0], [9.0, 1.0]]));
/// assert!((value.to_scalar::<f32>()? - 2.0_f32.ln() / 2.0).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module, Default)]
pub struct SparseCategoricalCrossentropy {
    from_logits: bool,
    ignore_class: Option<i64>,
}

impl SparseCategoricalCrossentropy {
    /// Of probabilities, with labels from 0 on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of logits: `p = softmax(x)`.
    pub fn from_logits(mut self) -> Self {
        self.from_logits = true;
        self
    }

    /// A label that stands for nothing: its samples add 0 to the sum, and count in the mean, as in Keras.
    pub fn ignore_class(mut self, class: i64) -> Self {
        self.ignore_class = Some(class);
        self
    }
}

#[loss]
impl Loss for SparseCategoricalCrossentropy {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (labels, x) = labelled("sparse_categorical_crossentropy", y_true, y_pred);
        let labels = labels.cast(DType::I64);
        let logarithms = logarithms(&x, -1, self.from_logits);
        let of = |labels: &Tensor| {
            let labels = labels.check_range(0, x.dim(-1), "label");
            -logarithms.take_along_axis(labels.expand_dims(-1), -1).squeeze(-1)
        };
        match self.ignore_class {
            None => of(&labels).mean(),
            Some(class) => {
                let nothing = labels.equal(class);
                nothing.select(0.0, of(&nothing.select(0, &labels))).mean()
            }
        }
    }
}
