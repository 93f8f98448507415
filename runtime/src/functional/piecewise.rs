//! Activation functions that are put together from straight pieces and parabolas.

use super::composition::{float_composition, named, not_float};
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::Operand;
use crate::tensor::Tensor;

impl Tensor {
    /// `min(max(x, 0), 6)` of each element. Float dtypes. The gradient at 0 and at 6 is 0.
    ///
    /// Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-1.0_f32, 2.0, 9.0]).relu6().to_vec::<f32>()?, [0.0, 2.0, 6.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn relu6(&self) -> Self {
        float_composition("relu6", self, |x| between(x, 0.0, 6.0))
    }

    /// `min(max(x, -1), 1)` of each element. Float dtypes. The gradient at -1 and at 1 is 0.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-3.0_f32, 0.5, 3.0]).hard_tanh().to_vec::<f32>()?, [-1.0, 0.5, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn hard_tanh(&self) -> Self {
        float_composition("hard_tanh", self, |x| between(x, -1.0, 1.0))
    }

    /// `relu6(x + 3) / 6` of each element: Keras 3's form, the one of `MobileNetV3`. Float dtypes.
    ///
    /// Howard et al., "Searching for `MobileNetV3`", ICCV 2019.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-4.0_f32, 0.0, 3.0]).hard_sigmoid().to_vec::<f32>()?, [0.0, 0.5, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn hard_sigmoid(&self) -> Self {
        float_composition("hard_sigmoid", self, |x| between(&(x + 3.0), 0.0, 6.0) / 6.0)
    }

    /// `x * hard_sigmoid(x)` of each element; also called `hard_swish`. Float dtypes.
    ///
    /// Howard et al., "Searching for `MobileNetV3`", ICCV 2019.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-4.0_f32, 0.0, 4.0]).hard_silu().to_vec::<f32>()?, [-0.0, 0.0, 4.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[doc(alias = "hard_swish")]
    #[track_caller]
    pub fn hard_silu(&self) -> Self {
        float_composition("hard_silu", self, |x| x * (between(&(x + 3.0), 0.0, 6.0) / 6.0))
    }

    /// `x` where `|x|` is greater than `threshold`, elsewhere 0. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-0.5_f32, 0.6]).hard_shrink(0.5).to_vec::<f32>()?, [0.0, 0.6]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn hard_shrink(&self, threshold: f64) -> Self {
        // A NaN is not within the threshold, and so stays.
        float_composition("hard_shrink", self, |x| x.abs().less_equal(threshold).select(0.0, x))
    }

    /// `x - threshold` where `x` is greater than `threshold`, `x + threshold` where it is less than `-threshold`, elsewhere
    /// 0. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-2.0_f32, 0.5, 1.0]).soft_shrink(0.5).to_vec::<f32>()?, [-1.5, 0.0, 0.5]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn soft_shrink(&self, threshold: f64) -> Self {
        float_composition("soft_shrink", self, |x| {
            let outside = x.greater(0.0).select(x - threshold, x + threshold);
            x.abs().less_equal(threshold).select(0.0, outside)
        })
    }

    /// `x` where it is greater than `threshold`, elsewhere `value`. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.5_f32, 2.0]).threshold(1.0, -1.0).to_vec::<f32>()?, [-1.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn threshold(&self, threshold: f64, value: f64) -> Self {
        float_composition("threshold", self, |x| x.less_equal(threshold).select(value, x))
    }

    /// `x` where it is not negative, elsewhere `slope * x`, where `slope` is a tensor that broadcasts to this one: a slope
    /// that is learned. Float dtypes, the same for both.
    ///
    /// He, Zhang, Ren and Sun, "Delving deep into rectifiers: surpassing human-level performance on `ImageNet`
    /// classification", ICCV 2015.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[-2.0_f32, -2.0, 2.0]]);
    /// assert_eq!(x.prelu(Tensor::from([0.5_f32, 0.25, 0.0])).to_vec::<f32>()?, [-1.0, -0.5, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn prelu(&self, slope: impl Operand) -> Self {
        let (slope, location) = (slope.to_tensor(self), Location::caller());
        match (type_of(self), type_of(&slope)) {
            (Some(own), _) if !own.dtype.is_float() => not_float("prelu", self, location),
            (Some(own), Some(slopes)) if slopes.rank() > own.rank() => {
                let message = format!("the slopes {slopes} do not broadcast to {own}");
                Self::failed("prelu", &[self, &slope], message, location)
            }
            _ => named("prelu", &[self, &slope], |x| x[0].less(0.0).select(&x[0] * &x[1], &x[0])),
        }
    }

    /// 0 up to -1, `x` from 1 on, and `(x + 1)^2 / 4` between: a smooth relu that is exactly 0 somewhere. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-2.0_f32, 0.0, 3.0]).sparse_plus().to_vec::<f32>()?, [0.0, 0.25, 3.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn sparse_plus(&self) -> Self {
        float_composition("sparse_plus", self, |x| {
            let bowl = between(&(x + 1.0), 0.0, 2.0).square() * 0.25;
            x.greater_equal(1.0).select(x, bowl)
        })
    }

    /// `min(max((x + 1) / 2, 0), 1)` of each element: the derivative of [`Tensor::sparse_plus`]. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-2.0_f32, 0.0, 3.0]).sparse_sigmoid().to_vec::<f32>()?, [0.0, 0.5, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn sparse_sigmoid(&self) -> Self {
        float_composition("sparse_sigmoid", self, |x| between(&((x + 1.0) * 0.5), 0.0, 1.0))
    }
}

/// `x` where it lies between two numbers, elsewhere the nearer one, where the gradient is 0. A NaN stays.
fn between(x: &Tensor, low: f64, high: f64) -> Tensor {
    x.less_equal(low).select(low, x.greater_equal(high).select(high, x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;

    #[test]
    fn the_pieces_meet_and_nan_stays() {
        let x = Tensor::from([f64::NEG_INFINITY, -3.0, -1.0, 0.0, 1.0, 3.0, f64::INFINITY, f64::NAN]);
        let check = |y: Tensor, expected: [f64; 7]| {
            let y = y.to_vec::<f64>().unwrap();
            assert_eq!(y[..7], expected);
            assert!(y[7].is_nan());
        };
        let infinity = f64::INFINITY;
        check(x.relu6(), [0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 6.0]);
        check(x.hard_tanh(), [-1.0, -1.0, -1.0, 0.0, 1.0, 1.0, 1.0]);
        check(x.hard_sigmoid() * 6.0, [0.0, 0.0, 2.0, 3.0, 4.0, 6.0, 6.0]);
        check(x.hard_shrink(1.0), [-infinity, -3.0, 0.0, 0.0, 0.0, 3.0, infinity]);
        check(x.soft_shrink(1.0), [-infinity, -2.0, 0.0, 0.0, 0.0, 2.0, infinity]);
        check(x.threshold(0.0, 9.0), [9.0, 9.0, 9.0, 9.0, 1.0, 3.0, infinity]);
        check(x.prelu(2.0), [-infinity, -6.0, -2.0, 0.0, 1.0, 3.0, infinity]);
        check(x.sparse_plus(), [0.0, 0.0, 0.0, 0.25, 1.0, 3.0, infinity]);
        check(x.sparse_sigmoid(), [0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn mistakes_are_errors_at_the_users_place() {
        let error = |tensor: Tensor| tensor.error().unwrap().to_string();
        let message = error(Tensor::zeros([2, 3]).prelu(Tensor::zeros([2])));
        assert!(message.contains("prelu([2, 3; f32], [2; f32])"), "{message}");
        assert!(message.contains("piecewise.rs"), "{message}");
        assert!(error(Tensor::zeros([3]).prelu(Tensor::zeros([2, 3]))).contains("do not broadcast to"));
        assert!(error(Tensor::from([1]).relu6()).contains("float tensors, not i32"));
        assert!(error(Tensor::from([1]).prelu(Tensor::from([1]))).contains("float tensors, not i32"));
        let empty = Tensor::zeros([0, 2]).cast(DType::BF16).hard_silu();
        assert_eq!(empty.shape().concrete(), Some(vec![0, 2]));
    }
}
