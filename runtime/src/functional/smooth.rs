//! Activation functions made of exponentials and roots.

use super::composition::float_composition;
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::axis;
use crate::tensor::{Dim, Tensor};

/// The numbers with which [`Tensor::selu`] keeps mean 0 and variance 1.
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

impl Tensor {
    /// `x` where it is positive, elsewhere `alpha * (e^(x / alpha) - 1)`; `alpha` is not 0. Float dtypes.
    ///
    /// Barron, "Continuously differentiable exponential linear units", 2017.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([f32::NEG_INFINITY, 2.0]).celu(3.0).to_vec::<f32>()?, [-3.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn celu(&self, alpha: f64) -> Self {
        float_composition("celu", self, |x| {
            let positive = x.greater(0.0);
            // Where the exponential is not chosen it must not overflow, or its gradient would be infinity times 0.
            positive.select(x, (positive.select(0.0, x) / alpha).exp_m1() * alpha)
        })
    }

    /// `scale * elu(x, alpha)` with the two numbers that keep mean 0 and variance 1 from layer to layer. Float dtypes.
    ///
    /// Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural networks", 2017.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let y = Tensor::from([1.0_f64, f64::NEG_INFINITY]).selu().to_vec::<f64>()?;
    /// assert_eq!(y, [1.0507009873554805, -1.7580993408473766]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn selu(&self) -> Self {
        float_composition("selu", self, |x| {
            let positive = x.greater(0.0);
            let negative = positive.select(0.0, x).exp_m1() * (SELU_SCALE * SELU_ALPHA);
            positive.select(x * SELU_SCALE, negative)
        })
    }

    /// `x * tanh(ln(1 + e^x))` of each element. Float dtypes.
    ///
    /// Misra, "Mish: a self regularized non-monotonic activation function", 2019.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 100.0]).mish().to_vec::<f32>()?, [0.0, 100.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn mish(&self) -> Self {
        float_composition("mish", self, |x| x * softplus(x).tanh())
    }

    /// `x - tanh(x)` of each element. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 100.0]).tanh_shrink().to_vec::<f32>()?, [0.0, 99.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn tanh_shrink(&self) -> Self {
        float_composition("tanh_shrink", self, |x| x - x.tanh())
    }

    /// The logarithm of [`Tensor::sigmoid`], `-ln(1 + e^-x)`, which stays accurate where that is nearly 0. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-1e4_f32, 1e4]).log_sigmoid().to_vec::<f32>()?, [-1e4, 0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn log_sigmoid(&self) -> Self {
        float_composition("log_sigmoid", self, |x| x.minimum(0.0) - (-x.abs()).exp().log1p())
    }

    /// `(x + √(x² + b)) / 2` of each element: about a softplus, without exponentials. Float dtypes.
    ///
    /// Barron, "Squareplus: a softplus-like algebraic rectifier", 2021; Keras takes 4 for `b`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 1.5]).squareplus(4.0).to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn squareplus(&self, b: f64) -> Self {
        float_composition("squareplus", self, |x| {
            let root = (x.square() + b).sqrt();
            // On the negative side the sum would cancel: it is the product of the conjugate, divided by that.
            let negative = x.less(0.0);
            let conjugate = negative.select(&root - x, 1.0);
            negative.select(b / conjugate, x + root) * 0.5
        })
    }

    /// The first half along a dimension times the sigmoid of the second half; a negative dimension counts from the last.
    /// Float dtypes; the size must be even.
    ///
    /// Dauphin, Fan, Auli and Grangier, "Language modeling with gated convolutional networks", 2016.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([[3.0_f32, 0.0]]).glu(-1).to_vec::<f32>()?, [1.5]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn glu(&self, along: isize) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let halved = axis(along, own.rank()).and_then(|axis| {
            let size = &own.shape[axis];
            let half = size.exact_div(&Dim::from(2));
            let half = half.ok_or_else(|| unequal(axis, size))?;
            Ok((axis.cast_signed(), half))
        });
        match halved {
            Ok((axis, half)) => float_composition("glu", self, |x| {
                x.slice_axis(axis, ..half.clone()) * x.slice_axis(axis, half..).sigmoid()
            }),
            Err(message) => Self::failed("glu", &[self], message, location),
        }
    }
}

/// What is said of a size that is not twice another one.
fn unequal(axis: usize, size: &Dim) -> String {
    match size.constant() {
        Some(_) => format!("dimension {axis} of size {size} has no two halves"),
        None => format!(
            "dimension {axis} of symbolic size {size} has no two halves: write an even size in the signature"
        ),
    }
}

fn softplus(x: &Tensor) -> Tensor {
    x.maximum(0.0) + (-x.abs()).exp().log1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_out_they_are_their_limits() {
        let x = Tensor::from([-1e30_f64, 1e30]);
        assert_eq!(x.celu(2.0).to_vec::<f64>().unwrap(), [-2.0, 1e30]);
        assert_eq!(x.mish().to_vec::<f64>().unwrap(), [0.0, 1e30]);
        assert_eq!(x.log_sigmoid().to_vec::<f64>().unwrap(), [-1e30, 0.0]);
        let y = x.squareplus(4.0).to_vec::<f64>().unwrap();
        assert!((y[0] * 1e30 - 1.0).abs() < 1e-15 && y[1] == 1e30, "{y:?}");
        for y in [x.selu(), x.tanh_shrink()] {
            assert!(y.to_vec::<f64>().unwrap().iter().all(|y| y.is_finite()));
        }
    }

    #[test]
    fn glu_takes_two_halves() {
        let y = Tensor::zeros([2, 0]).glu(1);
        assert_eq!(y.shape().concrete(), Some(vec![2, 0]));
        let error = Tensor::zeros([3, 2]).glu(0).error().unwrap().to_string();
        assert!(error.contains("size 3 has no two halves"), "{error}");
        assert!(Tensor::from([1, 2]).glu(0).error().unwrap().to_string().contains("glu([2; i32])"));
    }
}
