//! Norms.

use super::composition::{not_float, own_error, wide};
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::{Axes, axes};
use crate::tensor::{Shape, Tensor};

/// Which norm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Norm {
    /// The sum of absolute values.
    L1,
    /// The square root of the sum of squares; of a matrix, along both dimensions, the Frobenius norm.
    L2,
    /// The greatest absolute value.
    Infinity,
    /// `(Σ |x|^p)^(1/p)`, for a positive `p`.
    P(f64),
}

impl Tensor {
    /// A norm of all elements, as a tensor without dimensions. Float dtypes; of no elements it is 0.
    ///
    /// The gradient of [`Norm::L2`] where all elements are 0 is 0, and so of [`Norm::P`] of each element that is 0. Halves
    /// are computed with in `f32`.
    ///
    /// ```
    /// use holotype::functional::Norm;
    /// use holotype::prelude::*;
    /// let x = Tensor::from([3.0_f32, -4.0]);
    /// assert_eq!(x.norm(Norm::L1).to_scalar::<f32>()?, 7.0);
    /// assert_eq!(x.norm(Norm::L2).to_scalar::<f32>()?, 5.0);
    /// assert_eq!(x.norm(Norm::Infinity).to_scalar::<f32>()?, 4.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn norm(&self, norm: Norm) -> Self {
        length("norm", self, norm, None, false)
    }

    /// A norm along dimensions, which go; negative ones count from the last. Float dtypes.
    #[track_caller]
    pub fn norm_axis(&self, norm: Norm, axes: impl Axes) -> Self {
        length("norm_axis", self, norm, Some(&axes.numbers()), false)
    }

    /// A norm along dimensions, which stay with size 1. Float dtypes.
    #[track_caller]
    pub fn norm_axis_keepdims(&self, norm: Norm, axes: impl Axes) -> Self {
        length("norm_axis_keepdims", self, norm, Some(&axes.numbers()), true)
    }

    /// The elements divided by their norm along dimensions, or by `epsilon` where the norm is less: each row to length 1.
    /// Float dtypes.
    ///
    /// ```
    /// use holotype::functional::Norm;
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[3.0_f32, 4.0], [0.0, 0.0]]).normalize(Norm::L2, -1, 1e-12);
    /// assert_eq!(x.to_vec::<f32>()?, [0.6, 0.8, 0.0, 0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn normalize(&self, norm: Norm, axes: impl Axes, epsilon: f64) -> Self {
        let own = self.dtype();
        let x = self.cast(if own.is_float() { wide(own) } else { own });
        let length = length("normalize", &x, norm, Some(&axes.numbers()), true);
        (&x / length.maximum(epsilon)).cast(own)
    }
}

#[track_caller]
fn length(name: &str, x: &Tensor, norm: Norm, numbers: Option<&[isize]>, keep: bool) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(x) else { return x.clone() };
    if !own.dtype.is_float() {
        return not_float(name, x, location);
    }
    let along = match numbers.map_or_else(|| Ok((0..own.rank()).collect()), |n| axes(n, own.rank())) {
        Ok(along) => along,
        Err(message) => return Tensor::failed(name, &[x], message, location),
    };
    if let Norm::P(p) = norm
        && (p.is_nan() || p <= 0.0)
    {
        let message = format!("a norm has a positive power, not {p}");
        return Tensor::failed(name, &[x], message, location);
    }
    let sizes: Vec<_> = along.iter().map(|&axis| axis.cast_signed()).collect();
    let size = x.cast(wide(own.dtype)).abs();
    let result = match norm {
        Norm::L1 => size.sum_axis_keepdims(sizes),
        // Of no elements the maximum would be that of the dtype; absolute values are at least 0.
        Norm::Infinity => size.max_axis_keepdims(sizes).maximum(0.0),
        Norm::L2 => root(&size.square().sum_axis_keepdims(sizes), |sum| sum.sqrt()),
        Norm::P(p) => {
            let powers = root(&size, |size| size.pow(p));
            root(&powers.sum_axis_keepdims(sizes), |sum| sum.pow(1.0 / p))
        }
    };
    let result = own_error(name, &[x], result.cast(own.dtype), &location);
    if keep {
        return result;
    }
    let left = own.shape.iter().enumerate().filter(|(axis, _)| !along.contains(axis));
    result.reshape(left.map(|(_, size)| size.clone()).collect::<Shape>())
}

/// A function that is 0 at 0 and steep there: with a gradient of 0 in place of infinity.
fn root(x: &Tensor, function: impl FnOnce(&Tensor) -> Tensor) -> Tensor {
    let zero = x.equal(0.0);
    zero.select(0.0, function(&zero.select(1.0, x)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;

    #[test]
    fn norms_run_along_any_dimensions() {
        let x = Tensor::from([[[3.0_f64, 0.0], [-4.0, 0.0]], [[1.0, -2.0], [2.0, 0.0]]]);
        assert_eq!(x.norm_axis(Norm::L2, [1, 2]).to_vec::<f64>().unwrap(), [5.0, 3.0]);
        assert_eq!(x.norm_axis(Norm::L1, 1).to_vec::<f64>().unwrap(), [7.0, 0.0, 3.0, 2.0]);
        assert_eq!(x.norm_axis_keepdims(Norm::Infinity, [0, 2]).shape().to_string(), "[1, 2, 1]");
        assert_eq!(x.norm(Norm::P(1.0)).to_scalar::<f64>().unwrap(), 12.0);
        let cube = Tensor::from([3.0_f64, 4.0, 5.0]).norm(Norm::P(3.0)).to_scalar::<f64>().unwrap();
        assert!((cube - 6.0).abs() < 1e-14, "{cube}");
        for norm in [Norm::L1, Norm::L2, Norm::Infinity, Norm::P(1.5)] {
            assert_eq!(Tensor::zeros([0]).norm(norm).to_scalar::<f32>().unwrap(), 0.0);
            assert_eq!(Tensor::scalar(-2.0_f32).norm(norm).to_scalar::<f32>().unwrap(), 2.0);
        }
        let halves = Tensor::full([4], 300.0_f32).cast(DType::F16).norm(Norm::L2);
        assert_eq!(halves.cast(DType::F32).to_scalar::<f32>().unwrap(), 600.0);
    }

    #[test]
    fn what_has_no_norm_is_refused() {
        let error = |tensor: Tensor| tensor.error().unwrap().to_string();
        assert!(error(Tensor::from([1]).norm(Norm::L2)).contains("norm([1; i32])"));
        assert!(error(Tensor::zeros([2]).norm(Norm::P(0.0))).contains("a positive power, not 0"));
        assert!(error(Tensor::zeros([2]).norm_axis(Norm::L1, 1)).contains("no dimension 1"));
        assert!(error(Tensor::from([1]).normalize(Norm::L2, 0, 1e-6)).contains("normalize([1; i32])"));
    }
}
