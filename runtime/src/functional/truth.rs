//! Questions about all elements: any, all, how many.

use super::composition::wide;
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::{Axes, Operand, axes};
use crate::tensor::{DType, Tensor};

macro_rules! questions {
    ($($all:ident, $along:ident, $keeping:ident, $question:ident, $what:literal, $empty:literal;)*) => {
        impl Tensor {$(
            #[doc = concat!($what, ", as a tensor without dimensions. Every dtype; of no elements, ", $empty, ".")]
            #[track_caller]
            pub fn $all(&self) -> Self {
                answer(self, stringify!($all), Question::$question, None, false)
            }

            #[doc = concat!($what, ", along dimensions, which go; negative ones count from the last. Every dtype.")]
            #[track_caller]
            pub fn $along(&self, axes: impl Axes) -> Self {
                answer(self, stringify!($along), Question::$question, Some(&axes.numbers()), false)
            }

            #[doc = concat!($what, ", along dimensions, which stay with size 1. Every dtype.")]
            #[track_caller]
            pub fn $keeping(&self, axes: impl Axes) -> Self {
                answer(self, stringify!($keeping), Question::$question, Some(&axes.numbers()), true)
            }
        )*}
    };
}

questions! {
    any, any_axis, any_axis_keepdims, Any, "Whether some element is true, or a number other than 0", "`false`";
    all, all_axis, all_axis_keepdims, All, "Whether every element is true, or a number other than 0", "`true`";
    count_nonzero, count_nonzero_axis, count_nonzero_axis_keepdims, Count,
        "How many elements are true, or numbers other than 0, in dtype `i64`", "0";
}

#[derive(Clone, Copy)]
enum Question {
    Any,
    All,
    Count,
}

#[track_caller]
fn answer(x: &Tensor, name: &str, question: Question, numbers: Option<&[isize]>, keep: bool) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(x) else { return x.clone() };
    let along = match numbers.map_or_else(|| Ok((0..own.rank()).collect()), |n| axes(n, own.rank())) {
        Ok(along) => along,
        Err(message) => return Tensor::failed(name, &[x], message, location),
    };
    let along: Vec<_> = along.into_iter().map(usize::cast_signed).collect();
    let truth = x.cast(DType::Bool);
    match (question, keep) {
        (Question::Any, false) => truth.max_axis(along),
        (Question::Any, true) => truth.max_axis_keepdims(along),
        (Question::All, false) => truth.min_axis(along),
        (Question::All, true) => truth.min_axis_keepdims(along),
        (Question::Count, false) => truth.cast(DType::I64).sum_axis(along),
        (Question::Count, true) => truth.cast(DType::I64).sum_axis_keepdims(along),
    }
}

impl Tensor {
    /// Where `condition` is true the element of `x`, elsewhere that of `y`; all three are broadcast as in NumPy:
    /// [`Tensor::select`] under NumPy's name. A condition of numbers is true where they are not 0.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Tensor::where_(x.greater(0.0), &x, 7.0).to_vec::<f32>()?, [7.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn where_(condition: impl Operand, x: impl Operand, y: impl Operand) -> Self {
        condition.to_tensor(&Self::scalar(false)).cast(DType::Bool).select(x, y)
    }

    /// Each element, but not less than `low` and not more than `high`, which are broadcast as in NumPy:
    /// `minimum(maximum(x, low), high)`. Numeric dtypes, the same for all; a NaN stays.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-3, 5, 9]).clip(0, 6).to_vec::<i32>()?, [0, 5, 6]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn clip(&self, low: impl Operand, high: impl Operand) -> Self {
        self.maximum(low).minimum(high)
    }

    /// Whether two tensors are equal element by element but for `relative * |other| + absolute`, broadcast as in NumPy: a
    /// tensor of `bool`. Float dtypes; infinities equal themselves, a NaN nothing.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let close = Tensor::from([1.0_f32, 2.0]).is_close(Tensor::from([1.0_f32 + 1e-6, 2.1]), 1e-5, 1e-8);
    /// assert_eq!(close.to_vec::<bool>()?, [true, false]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn is_close(&self, other: impl Operand, relative: f64, absolute: f64) -> Self {
        let other = other.to_tensor(self);
        let dtype = wide(self.dtype());
        let bound = other.cast(dtype).abs() * relative + absolute;
        let near = (self - &other).cast(dtype).abs().less_equal(bound);
        // Of two infinities the difference is no number, and anything is within a bound of infinity.
        near.logical_and(other.is_finite()).logical_or(self.equal(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_true_where_they_are_not_zero() {
        let x = Tensor::from([[0.0_f32, -0.0, f32::NAN], [0.0, 0.0, 0.0]]);
        assert_eq!(x.any_axis(1).to_vec::<bool>().unwrap(), [true, false]);
        assert_eq!(x.all_axis_keepdims(0).to_vec::<bool>().unwrap(), [false, false, false]);
        assert_eq!(x.count_nonzero().to_scalar::<i64>().unwrap(), 1);
        assert_eq!(
            Tensor::from([[true, false], [true, true]]).count_nonzero_axis(0).to_vec::<i64>().unwrap(),
            [2, 1]
        );
        let empty = Tensor::zeros([2, 0]);
        assert_eq!(empty.any_axis(1).to_vec::<bool>().unwrap(), [false, false]);
        assert!(empty.all().to_scalar::<bool>().unwrap());
        assert_eq!(empty.count_nonzero().to_scalar::<i64>().unwrap(), 0);
        assert!(x.any_axis(2).error().unwrap().to_string().contains("any_axis([2, 3; f32])"));
    }

    #[test]
    fn choices_and_bounds_broadcast() {
        let chosen = Tensor::where_(Tensor::from([1_u8, 0]), Tensor::from([[1], [2]]), 9);
        assert_eq!(chosen.to_vec::<i32>().unwrap(), [1, 9, 2, 9]);
        let clipped = Tensor::from([[1_u8, 5], [7, 9]]).clip(Tensor::from([2_u8, 6]), 8);
        assert_eq!(clipped.to_vec::<u8>().unwrap(), [2, 6, 7, 8]);
        assert!(Tensor::from([f64::NAN]).clip(0.0, 1.0).to_scalar::<f64>().unwrap().is_nan());
        let infinity = Tensor::from([f64::INFINITY, f64::INFINITY, f64::NAN, 1e300]);
        let other = Tensor::from([f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::INFINITY]);
        assert_eq!(
            infinity.is_close(other, 1e-5, 1e-8).to_vec::<bool>().unwrap(),
            [true, false, false, false]
        );
    }
}
