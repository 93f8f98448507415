//! Reductions: sum, product, maximum and minimum along dimensions.

use serde::{Deserialize, Serialize};

use super::axes::{Axes, axes};
use super::places::Strided;
use super::unary::arity;
use super::wide::{Wide, WideNumber, for_wide};
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{DType, Data, Dim, Shape, Sizes, Tensor, TensorType};

macro_rules! reductions {
    ($($all:ident, $along:ident, $keeping:ident, $reducer:ident, $what:literal, $classes:literal, $empty:literal;)*) => {
        impl Tensor {$(
            #[doc = concat!("The ", $what, " of all elements, as a tensor without dimensions. ", $classes)]
            ///
            #[doc = concat!("Of no elements, ", $empty, ".")]
            #[track_caller]
            pub fn $all(&self) -> Self {
                let all: Vec<isize> = (0..self.rank()).map(usize::cast_signed).collect();
                reduce(self, stringify!($all), Reducer::$reducer, &all, false)
            }

            #[doc = concat!("The ", $what, " along dimensions, which go; negative ones count from the last. ", $classes)]
            #[track_caller]
            pub fn $along(&self, axes: impl Axes) -> Self {
                reduce(self, stringify!($along), Reducer::$reducer, &axes.numbers(), false)
            }

            #[doc = concat!("The ", $what, " along dimensions, which stay with size 1. ", $classes)]
            #[track_caller]
            pub fn $keeping(&self, axes: impl Axes) -> Self {
                reduce(self, stringify!($keeping), Reducer::$reducer, &axes.numbers(), true)
            }
        )*}
    };
}

reductions! {
    sum, sum_axis, sum_axis_keepdims, Sum, "sum", "Numeric dtypes.", "0";
    prod, prod_axis, prod_axis_keepdims, Product, "product", "Numeric dtypes.", "1";
    max, max_axis, max_axis_keepdims, Max, "maximum", "Every dtype; of truth values it is `any`.", "the lowest value of the dtype";
    min, min_axis, min_axis_keepdims, Min, "minimum", "Every dtype; of truth values it is `all`.", "the highest value of the dtype";
}

#[track_caller]
fn reduce(operand: &Tensor, name: &str, reducer: Reducer, numbers: &[isize], keep: bool) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(operand) else { return operand.clone() };
    let axes = match axes(numbers, own.rank()) {
        Ok(axes) => axes,
        Err(message) => return Tensor::failed(name, &[operand], message, location),
    };
    let result = apply(Reduce { reducer, axes: axes.clone() }, &[operand]);
    if keep { result.reshape(kept(&operand.shape(), &axes)) } else { result }
}

/// The shape with size 1 along the axes.
fn kept(shape: &Shape, axes: &[usize]) -> Shape {
    let size = |(axis, dim): (usize, &Dim)| if axes.contains(&axis) { Dim::from(1_i64) } else { dim.clone() };
    shape.iter().enumerate().map(size).collect()
}

/// How elements are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reducer {
    /// `+`, in `f64` for floats.
    Sum,
    /// `*`, in `f64` for floats.
    Product,
    /// The greatest; NaN if one is.
    Max,
    /// The least; NaN if one is.
    Min,
}

/// The elements along some dimensions put together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reduce {
    /// How.
    pub reducer: Reducer,
    /// The dimensions, sorted; they go.
    pub axes: Vec<usize>,
}

impl Reducer {
    /// What the first of some elements of a dtype is put together with, and how.
    pub(super) fn fold<T: WideNumber>(self, dtype: DType) -> (T, fn(T, T) -> T) {
        let [least, greatest] = T::limits(dtype);
        match self {
            Self::Sum => (T::ZERO, T::add),
            Self::Product => (T::ONE, T::multiply),
            Self::Max => (least, T::maximum),
            Self::Min => (greatest, T::minimum),
        }
    }
}

impl Reduce {
    /// The elements of each of some groups that lie one after the other, put together in order.
    fn groups<T: WideNumber>(&self, elements: &[T], groups: usize, dtype: DType) -> Vec<T> {
        let (start, combine) = self.reducer.fold::<T>(dtype);
        let length = elements.len() / groups.max(1);
        let group = |index: usize| elements[index * length..(index + 1) * length].iter().copied();
        let sums = self.reducer == Reducer::Sum;
        let put =
            |index| if sums { group(index).fold(start, T::add) } else { group(index).fold(start, combine) };
        (0..groups).map(put).collect()
    }

    fn reduced(&self, operand: &Data) -> Result<Data> {
        let rank = operand.sizes().len();
        let kept: Vec<_> = (0..rank).filter(|axis| !self.axes.contains(axis)).collect();
        let order: Vec<_> = kept.iter().chain(&self.axes).copied().collect();
        let sizes: Vec<_> = kept.iter().map(|&axis| operand.sizes()[axis]).collect();
        let groups: usize = sizes.iter().product();
        let ordered = Strided::whole(operand.sizes()).permuted(&order).read(operand)?;
        let dtype = operand.dtype();
        for_wide!(Wide::of(&ordered)?, elements => self.groups(&elements, groups, dtype))
            .narrow(dtype, &sizes)
    }
}

impl Op for Reduce {
    const NAME: &'static str = "reduce";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        if operand.dtype == DType::Bool && matches!(self.reducer, Reducer::Sum | Reducer::Product) {
            return Err(
                "it takes numeric tensors, not bool: convert the operand with `.cast(...)` first".into()
            );
        }
        let increasing = self.axes.windows(2).all(|pair| pair[0] < pair[1]);
        if !increasing || self.axes.last().is_some_and(|&axis| axis >= operand.rank()) {
            return Err(format!("dimensions {:?} are not those of {operand}", self.axes));
        }
        let kept = operand.shape.iter().enumerate().filter(|(axis, _)| !self.axes.contains(axis));
        Ok(vec![operand.with_shape(kept.map(|(_, dim)| dim.clone()).collect::<Shape>())])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        Ok(vec![self.reduced(operand)?])
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        let shape = x.shape();
        let spread = |tensor: &Tensor| tensor.reshape(kept(&shape, &self.axes)).broadcast_to(shape.clone());
        let gradient = spread(&gradients[0]);
        if self.reducer == Reducer::Sum {
            return vec![Some(gradient)];
        }
        let axes: Vec<_> = self.axes.iter().map(|&axis| axis.cast_signed()).collect();
        if self.reducer == Reducer::Product {
            // The product of the others: that of the elements that are not 0, by division, times the others that are 0.
            // One other that is 0 stays in as a factor, so that the derivative of this is exact too.
            let zero = x.equal(0);
            let (others, zeros) = (zero.select(x.ones_like(), x), zero.select(x, x.zeros_like()));
            let product = spread(&others.prod_axis(axes.clone())) / &others;
            let rest = spread(&zeros.sum_axis(axes.clone())) - &zeros;
            let count = zero.cast(x.dtype());
            let count = spread(&count.sum_axis(axes)) - &count;
            let with_one = count.equal(1).select(&product * rest, x.zeros_like());
            let derivative = count.equal(0).select(product, with_one);
            return vec![Some(gradient * derivative)];
        }
        // Elements that tie share the gradient.
        let ties = x.equal(spread(&results[0])).cast(x.dtype());
        let count = spread(&ties.sum_axis(axes));
        vec![Some(gradient * ties / count)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("ReduceSum, ReduceProd, ReduceMax, ReduceMin")
    }

    fn samples() -> Vec<Sample> {
        let x = Tensor::from([[1.5_f32, -2.0, 0.25], [3.0, 4.0, -0.5]]);
        let mut samples = Vec::new();
        for reducer in [Reducer::Sum, Reducer::Product, Reducer::Max, Reducer::Min] {
            let along = |axes: &[usize]| Self { reducer, axes: axes.to_vec() };
            samples.extend([
                Sample::new(along(&[0]), [x.clone()]),
                Sample::new(along(&[0, 1]), [Tensor::from([[3.0_f64], [2.0]])]),
                Sample::new(along(&[]), [Tensor::from([half::f16::from_f32(2.0)])]),
                Sample::new(along(&[1]), [Tensor::from([[i8::MAX, 1], [2, -3]])]),
                Sample::new(along(&[1]), [Tensor::from_vec([2, 0], Vec::<half::bf16>::new())]),
            ]);
        }
        for reducer in [Reducer::Max, Reducer::Min] {
            samples.push(Sample::new(Self { reducer, axes: vec![0] }, [Tensor::from([true, false])]));
        }
        samples.push(Sample::new(
            Self { reducer: Reducer::Product, axes: vec![1] },
            [Tensor::from([[0.0_f32, 2.0, 3.0], [0.0, 0.0, 4.0]])],
        ));
        samples
    }
}

op!(Reduce);
