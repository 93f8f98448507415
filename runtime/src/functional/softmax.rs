//! Softmax and its logarithm.

use super::composition::float_composition;
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::axis;
use crate::tensor::{Shape, Tensor};

impl Tensor {
    /// `e^x / Σ e^x` along a dimension, without overflow; a negative dimension counts from the last. Float dtypes.
    ///
    /// A row that is negative infinity throughout, as of a mask that hides everything, gives zeros.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let shares = Tensor::from([[0.0_f32, 0.0], [1e4, f32::NEG_INFINITY]]).softmax(-1);
    /// assert_eq!(shares.to_vec::<f32>()?, [0.5, 0.5, 1.0, 0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn softmax(&self, axis: isize) -> Self {
        along("softmax", self, axis, |x, axis| {
            let exponentials = (x - greatest(x, axis)).exp();
            let sum = exponentials.sum_axis_keepdims(axis);
            exponentials / not_zero(&sum)
        })
    }

    /// The logarithm of [`Tensor::softmax`], `x - ln Σ e^x`, which stays accurate where that is nearly 0. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let logarithms = Tensor::from([0.0_f32, -1e4]).log_softmax(0);
    /// assert_eq!(logarithms.to_vec::<f32>()?, [0.0, -1e4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn log_softmax(&self, axis: isize) -> Self {
        along("log_softmax", self, axis, |x, axis| {
            let shifted = x - greatest(x, axis);
            let sum = shifted.exp().sum_axis_keepdims(axis);
            &shifted - not_zero(&sum).log()
        })
    }

    /// `ln Σ e^x` along a dimension, which goes, without overflow. Float dtypes; of nothing it is negative infinity.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1e4_f32, f32::NEG_INFINITY]).logsumexp(0).to_scalar::<f32>()?, 1e4);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn logsumexp(&self, axis: isize) -> Self {
        along("logsumexp", self, axis, |x, along| {
            let greatest = greatest(x, along);
            let sum = (x - &greatest).exp().sum_axis_keepdims(along);
            let logarithm = sum.equal(0.0).select(f64::NEG_INFINITY, not_zero(&sum).log());
            let own = x.shape();
            let kept = own.iter().enumerate().filter(|(index, _)| index.cast_signed() != along);
            let shape: Shape = kept.map(|(_, size)| size.clone()).collect();
            (logarithm + greatest).reshape(shape)
        })
    }
}

/// A composition along one dimension, counted from the first.
#[track_caller]
fn along(name: &str, x: &Tensor, number: isize, body: impl FnOnce(&Tensor, isize) -> Tensor) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(x) else { return x.clone() };
    match axis(number, own.rank()) {
        Ok(axis) => float_composition(name, x, |x| body(x, axis.cast_signed())),
        Err(message) => Tensor::failed(name, &[x], message, location),
    }
}

/// The greatest element along a dimension, by which the others are shifted; 0 where it is infinite.
///
/// Softmax is the same for every shift, so the shift counts as a constant for gradients.
fn greatest(x: &Tensor, axis: isize) -> Tensor {
    let greatest = x.stop_gradient().max_axis_keepdims(axis);
    greatest.is_finite().select(&greatest, 0.0)
}

/// The sum, with 1 in place of 0: a row without anything.
fn not_zero(sum: &Tensor) -> Tensor {
    sum.equal(0.0).select(1.0, sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;

    const HIDDEN: f64 = f64::NEG_INFINITY;

    /// Values from mpmath at 50 digits.
    #[test]
    fn values_are_those_of_the_formulas() {
        let x = Tensor::from([[1.0_f64, -2.0, 0.5], [300.0, 301.0, -300.0]]);
        let softmax = x.softmax(1).to_vec::<f64>().unwrap();
        let expected = [
            0.603_748_896_148_625_8,
            0.030_058_887_569_574_02,
            0.366_192_216_281_800_2,
            0.268_941_421_369_995_1,
            0.731_058_578_630_004_9,
            7.128_014_161_591_15e-262,
        ];
        for (found, expected) in softmax.iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 1e-12, "{found} is not {expected}");
        }
        let logarithms = x.log_softmax(-1).to_vec::<f64>().unwrap();
        for (logarithm, softmax) in logarithms.iter().zip(expected) {
            assert!((logarithm - softmax.ln()).abs() < 1e-11);
        }
        let sums = x.logsumexp(1).to_vec::<f64>().unwrap();
        assert!(
            (sums[0] - 1.504_596_902_342_283_5).abs() < 1e-13
                && (sums[1] - 301.313_261_687_518_2).abs() < 1e-12
        );
        assert_eq!(x.softmax(0).sum_axis(0).to_vec::<f64>().unwrap(), [1.0, 1.0, 1.0]);
    }

    #[test]
    fn rows_without_anything_give_zeros_and_not_nan() {
        let x = Tensor::from([[HIDDEN, HIDDEN], [HIDDEN, 3.0]]);
        assert_eq!(x.softmax(1).to_vec::<f64>().unwrap(), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(x.log_softmax(1).to_vec::<f64>().unwrap(), [HIDDEN, HIDDEN, HIDDEN, 0.0]);
        assert_eq!(x.logsumexp(1).to_vec::<f64>().unwrap(), [HIDDEN, 3.0]);
        assert_eq!(
            Tensor::from([f64::INFINITY, 0.0]).logsumexp(0).to_scalar::<f64>().unwrap(),
            f64::INFINITY
        );
        assert!(Tensor::from([f64::NAN, 0.0]).softmax(0).to_vec::<f64>().unwrap()[1].is_nan());
        let empty = Tensor::zeros([2, 0]);
        assert_eq!(empty.softmax(1).shape().concrete(), Some(vec![2, 0]));
        assert_eq!(empty.logsumexp(1).to_vec::<f32>().unwrap(), [f32::NEG_INFINITY; 2]);
    }

    #[test]
    fn a_dimension_or_dtype_that_does_not_fit_is_refused() {
        let error = |tensor: Tensor| tensor.error().unwrap().to_string();
        assert!(error(Tensor::zeros([2]).softmax(1)).contains("no dimension 1"));
        assert!(error(Tensor::scalar(1.0_f32).log_softmax(-1)).contains("log_softmax([; f32])"));
        assert!(error(Tensor::zeros([2]).cast(DType::I32).logsumexp(0)).contains("float tensors, not i32"));
    }
}
