//! Means and variances.

use super::composition::not_float;
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::{Axes, axes};
use crate::tensor::{DType, Dim, Shape, Tensor};

impl Tensor {
    /// The mean of all elements, as a tensor without dimensions. Float dtypes; of no elements it is NaN.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([[1.0_f32, 2.0], [3.0, 6.0]]).mean().to_scalar::<f32>()?, 3.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn mean(&self) -> Self {
        statistic("mean", Statistic::Mean, self, None, false)
    }

    /// The mean along dimensions, which go; negative ones count from the last. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([[1.0_f32, 2.0], [3.0, 6.0]]).mean_axis(0).to_vec::<f32>()?, [2.0, 4.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn mean_axis(&self, axes: impl Axes) -> Self {
        statistic("mean_axis", Statistic::Mean, self, Some(&axes.numbers()), false)
    }

    /// The mean along dimensions, which stay with size 1. Float dtypes.
    #[track_caller]
    pub fn mean_axis_keepdims(&self, axes: impl Axes) -> Self {
        statistic("mean_axis_keepdims", Statistic::Mean, self, Some(&axes.numbers()), true)
    }

    /// The mean square distance of all elements from their mean: divided by their number, as in NumPy and TensorFlow.
    /// Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 3.0]).variance().to_scalar::<f32>()?, 1.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn variance(&self) -> Self {
        statistic("variance", Statistic::Variance, self, None, false)
    }

    /// The variance along dimensions, which go; negative ones count from the last. Float dtypes.
    #[track_caller]
    pub fn variance_axis(&self, axes: impl Axes) -> Self {
        statistic("variance_axis", Statistic::Variance, self, Some(&axes.numbers()), false)
    }

    /// The variance along dimensions, which stay with size 1. Float dtypes.
    #[track_caller]
    pub fn variance_axis_keepdims(&self, axes: impl Axes) -> Self {
        statistic("variance_axis_keepdims", Statistic::Variance, self, Some(&axes.numbers()), true)
    }

    /// The square root of [`Tensor::variance`]. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 5.0]).std().to_scalar::<f32>()?, 2.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn std(&self) -> Self {
        statistic("std", Statistic::Deviation, self, None, false)
    }

    /// The square root of the variance along dimensions, which go; negative ones count from the last. Float dtypes.
    #[track_caller]
    pub fn std_axis(&self, axes: impl Axes) -> Self {
        statistic("std_axis", Statistic::Deviation, self, Some(&axes.numbers()), false)
    }

    /// The square root of the variance along dimensions, which stay with size 1. Float dtypes.
    #[track_caller]
    pub fn std_axis_keepdims(&self, axes: impl Axes) -> Self {
        statistic("std_axis_keepdims", Statistic::Deviation, self, Some(&axes.numbers()), true)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Statistic {
    Mean,
    Variance,
    Deviation,
}

/// A statistic along dimensions, or along all of them. Halves are computed in `f32` and rounded once.
#[track_caller]
fn statistic(name: &str, which: Statistic, x: &Tensor, numbers: Option<&[isize]>, keep: bool) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(x) else { return x.clone() };
    let along = match numbers.map_or_else(|| Ok((0..own.rank()).collect()), |n| axes(n, own.rank())) {
        Ok(along) => along,
        Err(message) => return Tensor::failed(name, &[x], message, location),
    };
    if !own.dtype.is_float() {
        return not_float(name, x, location);
    }
    let wide = if own.dtype == DType::F64 { x.clone() } else { x.cast(DType::F32) };
    let mean = |x: &Tensor| mean(x, &along);
    let result = match which {
        Statistic::Mean => mean(&wide),
        Statistic::Variance => mean(&(&wide - mean(&wide)).square()),
        Statistic::Deviation => mean(&(&wide - mean(&wide)).square()).sqrt(),
    };
    let result = result.cast(own.dtype);
    if keep {
        return result;
    }
    let left = own.shape.iter().enumerate().filter(|(axis, _)| !along.contains(axis));
    result.reshape(left.map(|(_, size)| size.clone()).collect::<Shape>())
}

/// The mean along dimensions, which stay with size 1.
#[track_caller]
fn mean(x: &Tensor, along: &[usize]) -> Tensor {
    let shape = x.shape();
    let count: Shape = along.iter().map(|&axis| shape[axis].clone()).collect();
    let count = count.elements().unwrap_or_else(|| Dim::from(i64::MIN));
    let along: Vec<_> = along.iter().map(|&axis| axis.cast_signed()).collect();
    x.sum_axis_keepdims(along) / Tensor::size(count).cast(x.dtype())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_run_along_any_dimensions() {
        let x = Tensor::from([[[1.0_f64, 2.0, 6.0], [0.0, 4.0, 2.0]]]);
        assert_eq!(x.mean().to_scalar::<f64>().unwrap(), 2.5);
        assert_eq!(x.mean_axis(-1).to_vec::<f64>().unwrap(), [3.0, 2.0]);
        assert_eq!(x.mean_axis([0, 1]).to_vec::<f64>().unwrap(), [0.5, 3.0, 4.0]);
        assert_eq!(x.mean_axis_keepdims([0, 2]).shape().concrete(), Some(vec![1, 2, 1]));
        assert_eq!(x.variance_axis(1).to_vec::<f64>().unwrap(), [0.25, 1.0, 4.0]);
        assert_eq!(x.std_axis_keepdims(1).to_vec::<f64>().unwrap(), [0.5, 1.0, 2.0]);
        // numpy.var of the six numbers.
        assert!((x.variance().to_scalar::<f64>().unwrap() - 3.916_666_666_666_666_5).abs() < 1e-15);
        assert_eq!(Tensor::scalar(3.0_f32).mean().to_scalar::<f32>().unwrap(), 3.0);
        assert!(Tensor::zeros([0]).mean().to_scalar::<f32>().unwrap().is_nan());
    }

    #[test]
    fn halves_do_not_overflow_on_the_way() {
        let x = Tensor::full([1000], half::f16::from_f32(1000.0));
        assert_eq!(x.mean().to_scalar::<half::f16>().unwrap(), half::f16::from_f32(1000.0));
        assert_eq!(x.variance().to_scalar::<half::f16>().unwrap(), half::f16::ZERO);
    }

    #[test]
    fn the_mean_of_integers_is_refused() {
        let error = Tensor::from([1, 2]).mean().error().unwrap().to_string();
        assert!(error.contains("mean([2; i32])") && error.contains(".cast("), "{error}");
        assert!(Tensor::zeros([2]).std_axis(1).error().is_some());
    }
}
