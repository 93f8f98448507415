//! Running sums, products, maxima and minima.

use serde::{Deserialize, Serialize};

use super::axes::axis;
use super::index_dimensions::OutOfBounds;
use super::number::{Float, Number};
use super::ordering::{Lines, along as along_axis};
use super::reduce::Reducer;
use super::scatter::Combine;
use super::unary::{arity, dtype_error, require};
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

macro_rules! running {
    ($($method:ident, $reducer:ident, $what:literal;)*) => {
        impl Tensor {$(
            #[doc = concat!("The ", $what, " of each element and those before it along a dimension. Numeric dtypes.")]
            ///
            /// See [`Tensor::cumulative`].
            #[track_caller]
            pub fn $method(&self, along: isize) -> Self {
                self.cumulative(Reducer::$reducer, along, false)
            }
        )*}
    };
}

running! {
    cumsum, Sum, "sum";
    cumprod, Product, "product";
    cummax, Max, "maximum";
    cummin, Min, "minimum";
}

impl Tensor {
    /// Each element put together with those before it along a dimension, or with those after it (`reverse`). Numeric
    /// dtypes.
    ///
    /// Sums and products of floats are computed in `f64` and rounded at each element. After a NaN everything is NaN. The
    /// gradient of a maximum or minimum goes to the last of equal elements; the second derivative of a product leaves out
    /// what two elements that are 0 give each other.
    ///
    /// ```
    /// use holotype::ops::Reducer;
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1, 2, 3]);
    /// assert_eq!(x.cumsum(0).to_vec::<i32>()?, [1, 3, 6]);
    /// assert_eq!(x.cumulative(Reducer::Product, 0, true).to_vec::<i32>()?, [6, 6, 3]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn cumulative(&self, reducer: Reducer, along: isize, reverse: bool) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        match axis(along, own.rank()) {
            Ok(dimension) => apply(Cumulative { reducer, dimension, reverse }, &[self]),
            Err(message) => Self::failed(Cumulative::NAME, &[self], message, location),
        }
    }
}

/// Each element put together with those before it along a dimension.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cumulative {
    /// How.
    pub reducer: Reducer,
    /// The dimension.
    pub dimension: usize,
    /// Whether with those after it instead.
    pub reverse: bool,
}

impl Cumulative {
    /// Folds along each line, in its order.
    fn scanned<T: Number, S: Copy>(
        &self,
        operand: &Data,
        start: S,
        fold: impl Fn(S, T) -> S,
        finish: impl Fn(S) -> T,
    ) -> Result<Vec<Data>> {
        let mut elements = operand.elements::<T>()?.to_vec();
        for mut line in Lines::new(operand.sizes(), self.dimension).iter() {
            if self.reverse {
                line.reverse();
            }
            let mut state = start;
            for place in line {
                state = fold(state, elements[place]);
                elements[place] = finish(state);
            }
        }
        Ok(vec![Data::new::<T>(operand.sizes(), elements)?])
    }

    fn numbers<T: Number>(&self, operand: &Data) -> Result<Vec<Data>> {
        let same = |x: T| x;
        match self.reducer {
            Reducer::Sum => self.scanned(operand, T::ZERO, Number::add, same),
            Reducer::Product => self.scanned(operand, T::ONE, Number::multiply, same),
            Reducer::Max => self.scanned(operand, T::LOWEST, Number::maximum, same),
            Reducer::Min => self.scanned(operand, T::HIGHEST, Number::minimum, same),
        }
    }

    fn floats<T: Float>(&self, operand: &Data) -> Result<Vec<Data>> {
        match self.reducer {
            Reducer::Sum => self.scanned(operand, 0.0, |sum, x: T| sum + x.to_f64(), T::from_f64),
            Reducer::Product => self.scanned(operand, 1.0, |product, x: T| product * x.to_f64(), T::from_f64),
            Reducer::Max | Reducer::Min => self.numbers::<T>(operand),
        }
    }
}

impl Op for Cumulative {
    const NAME: &'static str = "cumulative";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        require(operand.dtype, DType::is_numeric, "numeric")?;
        if self.dimension >= operand.rank() {
            return Err(format!("there is no dimension {} in {operand}", self.dimension));
        }
        Ok(vec![operand.clone()])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        for_dtype!(operand.dtype(), T in float => self.floats::<T>(operand), else => {
            for_dtype!(operand.dtype(), T in int => self.numbers::<T>(operand), else => Err(dtype_error(operand)))
        })
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (x, y, gradient) = (&operands[0], &results[0], &gradients[0]);
        let along = self.dimension.cast_signed();
        let back = |values: &Tensor| values.cumulative(Reducer::Sum, along, !self.reverse);
        let back = match self.reducer {
            Reducer::Sum => back(gradient),
            Reducer::Product => {
                // An element other than 0: its products, divided by it. The first 0: those of the others. Behind it, 0.
                let zero = x.equal(0);
                let count = zero.cast(DType::I64).cumulative(Reducer::Sum, along, self.reverse);
                let first = zero.logical_and(count.equal(1));
                let others = first.select(x.ones_like(), x).cumulative(Reducer::Product, along, self.reverse);
                let of_first = first.select(back(&(gradient * others)), x.zeros_like());
                zero.select(of_first, back(&(gradient * y)) / zero.select(x.ones_like(), x))
            }
            Reducer::Max | Reducer::Min => {
                let places = Tensor::iota(DType::I64, x.shape(), along);
                let wins = x.equal(y).logical_or(x.not_equal(x));
                let last = if self.reverse {
                    wins.select(places, i64::MAX).cumulative(Reducer::Min, along, true)
                } else {
                    wins.select(places, -1_i64).cumulative(Reducer::Max, along, false)
                };
                let dimensions = along_axis(self.dimension, x.rank());
                x.zeros_like().scatter(&last, gradient, Combine::Add, &dimensions, OutOfBounds::Drop)
            }
        };
        vec![Some(back)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("CumSum, Scan")
    }

    fn samples() -> Vec<Sample> {
        let x = || Tensor::from([[1.5_f32, -2.0, 0.25, 4.0], [3.0, 4.5, -0.5, 0.75]]);
        let mut samples = Vec::new();
        for reducer in [Reducer::Sum, Reducer::Product, Reducer::Max, Reducer::Min] {
            for reverse in [false, true] {
                let of = |dimension| Self { reducer, dimension, reverse };
                samples.push(Sample::new(of(1), [x()]));
                samples.push(Sample::new(of(0), [Tensor::from([[3.0_f64], [2.0]])]));
                samples.push(Sample::new(of(0), [Tensor::from([100_i8, 100, -7])]));
                samples.push(Sample::new(of(1), [Tensor::from_vec([2, 0], Vec::<half::bf16>::new())]));
            }
        }
        let product = Self { reducer: Reducer::Product, dimension: 1, reverse: false };
        samples.push(Sample::new(product, [Tensor::from([[2.0_f32, 0.0, 3.0], [0.0, 1.5, 4.0]])]));
        samples
    }
}

op!(Cumulative);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_wrap_and_nan_stays() {
        assert_eq!(Tensor::from([200_u8, 100]).cumsum(0).to_vec::<u8>().unwrap(), [200, 44]);
        let x = Tensor::from([1.0_f32, f32::NAN, 3.0]);
        for y in [x.cumsum(0), x.cumprod(-1), x.cummax(0), x.cummin(0)] {
            let y = y.to_vec::<f32>().unwrap();
            assert!(y[0] == 1.0 && y[1].is_nan() && y[2].is_nan());
        }
        assert_eq!(Tensor::from([[1, 5], [4, 2]]).cummax(0).to_vec::<i32>().unwrap(), [1, 5, 4, 5]);
        assert!(x.cumsum(1).error().is_some() && Tensor::from([true]).cumsum(0).error().is_some());
    }

    #[test]
    fn products_have_gradients_at_zeros() {
        let x = Tensor::from([2.0_f64, 0.0, 3.0, 0.0, 5.0]);
        let op = Cumulative { reducer: Reducer::Product, dimension: 0, reverse: false };
        let gradients = op.gradient(&[x.clone()], &[x.cumprod(0)], &[x.ones_like()]);
        assert_eq!(gradients[0].as_ref().unwrap().to_vec::<f64>().unwrap(), [1.0, 8.0, 0.0, 0.0, 0.0]);
    }
}
