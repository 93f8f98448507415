//! Sums, products, maxima and minima of all elements up to each.

use serde::{Deserialize, Serialize};

use super::index_dimensions::{IndexDimensions, OutOfBounds};
use super::number::Number;
use super::product::product_gradient;
use super::reduce::Reducer;
use super::scatter::Combine;
use super::unary::{arity, dtype_error, require};
use super::wide::{Wide, WideNumber, for_wide};
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{DType, Data, Dim, Sizes, Tensor, TensorType};

/// Along which dimension elements are put together, and from where: `-1`, or `Along::axis(-1).reverse()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Along {
    axis: isize,
    exclusive: bool,
    reverse: bool,
}

impl Along {
    /// From the first element of a dimension, counted from the last dimension if negative.
    pub fn axis(axis: isize) -> Self {
        Self { axis, exclusive: false, reverse: false }
    }

    /// Without the element itself: the first result is 0 for a sum, 1 for a product. Maxima and minima have no such form.
    pub fn exclusive(self) -> Self {
        Self { exclusive: true, ..self }
    }

    /// From the last element.
    pub fn reverse(self) -> Self {
        Self { reverse: true, ..self }
    }
}

macro_rules! from_integers {
    ($($type:ty),*) => {$(
        impl From<$type> for Along {
            fn from(axis: $type) -> Self {
                Self::axis(isize::try_from(axis).unwrap_or(isize::MAX))
            }
        }
    )*};
}

from_integers!(isize, i32, i64, usize);

macro_rules! cumulatives {
    ($($name:ident, $reducer:ident, $what:literal, $example:literal, $result:literal;)*) => {
        impl Tensor {$(
            #[doc = concat!("For each element, the ", $what, " of all up to it along a dimension. Numeric dtypes.")]
            ///
            #[doc = "```"]
            /// use holotype::ops::Along;
            /// use holotype::prelude::*;
            #[doc = concat!("let x = Tensor::from(", $example, ");")]
            #[doc = concat!("assert_eq!(x.", stringify!($name), "(0).to_vec::<i32>()?, ", $result, ");")]
            #[doc = concat!("let from_last = x.", stringify!($name), "(Along::axis(0).reverse());")]
            #[doc = concat!("assert_eq!(from_last.to_vec::<i32>()?, x.flip(0).", stringify!($name), "(0).flip(0).to_vec::<i32>()?);")]
            /// # Ok::<(), holotype::Error>(())
            /// ```
            #[track_caller]
            pub fn $name(&self, along: impl Into<Along>) -> Self {
                cumulative(self, stringify!($name), Reducer::$reducer, along.into())
            }
        )*}
    };
}

cumulatives! {
    cumsum, Sum, "sum", "[1, 2, 3]", "[1, 3, 6]";
    cumprod, Product, "product", "[2, 3, 4]", "[2, 6, 24]";
    cummax, Max, "maximum (NaN from the first NaN on)", "[1, 3, 2]", "[1, 3, 3]";
    cummin, Min, "minimum (NaN from the first NaN on)", "[2, 3, 1]", "[2, 2, 1]";
}

#[track_caller]
fn cumulative(operand: &Tensor, name: &str, reducer: Reducer, along: Along) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(operand) else { return operand.clone() };
    let Along { axis, exclusive, reverse } = along;
    match super::axes::axis(axis, own.rank()) {
        Ok(axis) => apply(Cumulative { reducer, axis, exclusive, reverse }, &[operand]),
        Err(message) => Tensor::failed(name, &[operand], message, location),
    }
}

/// The elements up to each put together.
///
/// StableHLO has no such op; it says this as `reduce_window` with padding as wide as the dimension.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cumulative {
    /// How.
    pub reducer: Reducer,
    /// Along which dimension.
    pub axis: usize,
    /// Whether the element itself is left out.
    pub exclusive: bool,
    /// Whether the elements from each to the last are put together.
    pub reverse: bool,
}

impl Cumulative {
    /// Puts the elements of a tensor of these sizes together.
    fn together<T: WideNumber>(&self, elements: &[T], dtype: DType, sizes: &[usize]) -> Vec<T> {
        let [lowest, highest] = T::limits(dtype);
        let (start, put): (T, fn(T, T) -> T) = match self.reducer {
            Reducer::Sum => (T::ZERO, Number::add),
            Reducer::Product => (T::ONE, Number::multiply),
            Reducer::Max => (lowest, Number::maximum),
            Reducer::Min => (highest, Number::minimum),
        };
        let (length, stride) = (sizes[self.axis], sizes[self.axis + 1..].iter().product::<usize>());
        let mut result = elements.to_vec();
        for (index, plane) in result.chunks_exact_mut((length * stride).max(1)).enumerate() {
            let from = &elements[index * length * stride..];
            for line in 0..stride {
                let mut together = start;
                for step in 0..length {
                    let place = line + stride * if self.reverse { length - 1 - step } else { step };
                    let before = together;
                    together = put(together, from[place]);
                    plane[place] = if self.exclusive { before } else { together };
                }
            }
        }
        result
    }

    /// The gradient of maxima and minima from the first element on: all of it goes to the first of equal elements.
    fn to_first(&self, x: &Tensor, result: &Tensor, gradient: &Tensor) -> Tensor {
        let (along, rank) = (self.axis.cast_signed(), x.rank());
        let mut widths = vec![(0, 0); rank];
        widths[self.axis] = (1, -1);
        let lowest = if self.reducer == Reducer::Max { f64::NEG_INFINITY } else { f64::INFINITY };
        let before = result.pad(&widths, lowest);
        let better = if self.reducer == Reducer::Max { x.greater(&before) } else { x.less(&before) };
        let first_nan = x.not_equal(x).logical_and(before.equal(&before));
        let size = x.shape()[self.axis].clone();
        let mut shape = vec![Dim::from(1); rank];
        shape[self.axis] = size.clone();
        let index = Tensor::arange(size).reshape(shape).broadcast_to(x.shape());
        let place = better.logical_or(first_nan).select(&index, index.zeros_like()).cummax(along);
        let others: Vec<_> = (0..rank).filter(|&axis| axis != self.axis).collect();
        let each = IndexDimensions {
            collapsed_slice_dims: vec![self.axis],
            operand_batching_dims: others.clone(),
            start_indices_batching_dims: others,
            start_index_map: vec![self.axis],
            index_vector_dim: rank,
            ..IndexDimensions::default()
        };
        gradient.zeros_like().scatter(place, gradient, Combine::Add, &each, OutOfBounds::Drop)
    }
}

impl Op for Cumulative {
    const NAME: &'static str = "cumulative";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        require(operand.dtype, DType::is_numeric, "numeric")?;
        if self.axis >= operand.rank() {
            return Err(format!("there is no dimension {} in {operand}", self.axis));
        }
        if self.exclusive && matches!(self.reducer, Reducer::Max | Reducer::Min) {
            return Err("a maximum or minimum of no elements is no number: leave out `exclusive`".into());
        }
        Ok(vec![operand.clone()])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        let (dtype, sizes) = (operand.dtype(), operand.sizes());
        if !dtype.is_numeric() {
            return Err(dtype_error(operand));
        }
        let result = for_wide!(Wide::of(operand)?, elements => self.together(&elements, dtype, sizes));
        Ok(vec![result.narrow(dtype, sizes)?])
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (x, result, gradient) = (&operands[0], &results[0], &gradients[0]);
        let put = |reducer, tensor: &Tensor| apply(Self { reducer, ..self.clone() }, &[tensor]);
        let backward = Self { reducer: Reducer::Sum, reverse: !self.reverse, ..self.clone() };
        let back = |tensor: &Tensor| apply(backward.clone(), &[tensor]);
        vec![Some(match self.reducer {
            Reducer::Sum => back(gradient),
            Reducer::Product => product_gradient(x, gradient, put, back),
            Reducer::Max | Reducer::Min if self.reverse => {
                let flip = |tensor: &Tensor| tensor.flip(self.axis);
                flip(&self.to_first(&flip(x), &flip(result), &flip(gradient)))
            }
            Reducer::Max | Reducer::Min => self.to_first(x, result, gradient),
        })]
    }

    fn onnx(&self) -> Mapping {
        match self.reducer {
            Reducer::Sum => Mapping::Composition("CumSum"),
            _ => Mapping::Composition("Scan"),
        }
    }

    fn samples() -> Vec<Sample> {
        let mut samples = Vec::new();
        for reducer in [Reducer::Sum, Reducer::Product, Reducer::Max, Reducer::Min] {
            for reverse in [false, true] {
                let along = |axis| Self { reducer, axis, exclusive: false, reverse };
                samples.extend([
                    Sample::new(along(1), [Tensor::from([[1.5_f32, -2.0, 0.25], [-3.0, 4.0, -0.5]])]),
                    Sample::new(along(0), [Tensor::from([[3.0_f64, 1.0], [-2.0, 2.5], [7.0, -0.5]])]),
                    Sample::new(along(0), [Tensor::from([half::f16::from_f32(2.0)])]),
                    Sample::new(along(1), [Tensor::from([[i8::MAX, 1, 5], [2, -3, 4]])]),
                    Sample::new(along(1), [Tensor::from_vec([2, 0], Vec::<half::bf16>::new())]),
                ]);
            }
        }
        let zeros = Tensor::from([[0.0_f32, 2.0, 3.0, 4.0], [5.0, 0.0, 3.0, 0.0], [0.0, 0.0, 2.0, 0.0]]);
        for reducer in [Reducer::Sum, Reducer::Product] {
            for (exclusive, reverse) in [(true, false), (true, true), (false, true)] {
                samples.push(Sample::new(Self { reducer, axis: 1, exclusive, reverse }, [zeros.clone()]));
            }
        }
        samples
    }
}

op!(Cumulative);
