//! Numbers at equal distances, and grids of them.

use super::composition::not_float;
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::Operand;
use crate::tensor::{DType, Dim, Scalar, Shape, Tensor};

/// Which dimension of a grid each of the first two tensors runs along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexing {
    /// The first along columns, the second along rows, as x and y in a picture: NumPy's default.
    Xy,
    /// Each along the dimension of its own number.
    Ij,
}

impl Tensor {
    /// The numbers from `start` on in steps of `step`, up to but without `stop`, as NumPy's `arange` of three numbers.
    ///
    /// Of integers the dtype is `i64`; where one is a float it is `f32`, computed in `f64` as `start + i * step`. For `n`
    /// numbers from 0 on, also of a symbolic `n`, see [`Tensor::arange`].
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::range(5, 0, -2).to_vec::<i64>()?, [5, 3, 1]);
    /// assert_eq!(Tensor::range(0.0, 1.0, 0.25).to_vec::<f32>()?, [0.0, 0.25, 0.5, 0.75]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn range(start: impl Into<Scalar>, stop: impl Into<Scalar>, step: impl Into<Scalar>) -> Self {
        let (start, stop, step) = (start.into(), stop.into(), step.into());
        let location = Location::caller();
        let fail = |message: &str| Self::failed("range", &[], message, location.clone());
        if let (Scalar::Int(start), Scalar::Int(stop), Scalar::Int(step)) = (start, stop, step) {
            let (Ok(first), Ok(distance)) = (i64::try_from(start), i64::try_from(step)) else {
                return fail("the numbers do not fit the dtype i64");
            };
            if step == 0 {
                return fail("a step of 0 never arrives: use another one");
            }
            // Of the same sign, rounded up.
            let count = ((stop - start) * step.signum() + step.abs() - 1).max(0) / step.abs();
            let last = start + (count - 1).max(0) * step;
            return match (i64::try_from(count), i64::try_from(last)) {
                (Ok(count), Ok(_)) => Self::arange(count).failing_as("arange", "range") * distance + first,
                _ => fail("the numbers do not fit the dtype i64"),
            };
        }
        let (Some(start), Some(stop), Some(step)) = (number(start), number(stop), number(step)) else {
            return fail("it takes numbers, not truth values");
        };
        let count = ((stop - start) / step).ceil();
        if !count.is_finite() || step == 0.0 {
            return fail("the numbers have no end: use finite numbers, and a step that is not 0");
        }
        let places = Self::iota(DType::F64, [count.max(0.0) as i64], 0).failing_as("iota", "range");
        (places * step + start).cast(DType::F32)
    }

    /// So many numbers at equal distances, from `start` to `stop`, both included. Float dtypes, computed in `f64`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::linspace(DType::F32, 0.0, 1.0, 5).to_vec::<f32>()?, [0.0, 0.25, 0.5, 0.75, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn linspace(dtype: DType, start: f64, stop: f64, count: impl Into<Dim>) -> Self {
        let location = Location::caller();
        let numbers = spaced("linspace", start, stop, &count.into());
        if dtype.is_float() {
            numbers.cast(dtype)
        } else {
            not_float("linspace", &numbers.cast(dtype), location)
        }
    }

    /// `base` to the power of so many numbers at equal distances, from `start` to `stop`, both included. Float dtypes,
    /// computed in `f64`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::logspace(DType::F32, 0.0, 2.0, 3, 10.0).to_vec::<f32>()?, [1.0, 10.0, 100.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn logspace(dtype: DType, start: f64, stop: f64, count: impl Into<Dim>, base: f64) -> Self {
        let location = Location::caller();
        let powers = Self::scalar(base).pow(spaced("logspace", start, stop, &count.into()));
        if dtype.is_float() {
            powers.cast(dtype)
        } else {
            not_float("logspace", &powers.cast(dtype), location)
        }
    }

    /// For each of some vectors, a tensor that holds it along one dimension and repeats it along those of the others, as
    /// NumPy's `meshgrid`. Every dtype; tensors of rank 1, or 0 for one number.
    ///
    /// ```
    /// use holotype::functional::Indexing;
    /// use holotype::prelude::*;
    /// let (x, y) = (Tensor::from([1, 2, 3]), Tensor::from([10, 20]));
    /// let grid = Tensor::meshgrid(&[&x, &y], Indexing::Xy);
    /// assert_eq!(grid[0].to_vec::<i32>()?, [1, 2, 3, 1, 2, 3]);
    /// assert_eq!(grid[1].to_vec::<i32>()?, [10, 10, 10, 20, 20, 20]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn meshgrid(vectors: &[&Self], indexing: Indexing) -> Vec<Self> {
        let location = Location::caller();
        let mut sizes = Vec::with_capacity(vectors.len());
        for vector in vectors {
            match type_of(vector) {
                Some(kind) if kind.rank() <= 1 => {
                    sizes.push(kind.shape.first().cloned().unwrap_or_else(|| Dim::from(1_i64)));
                }
                kind => {
                    let rank = kind.map_or(0, |kind| kind.rank());
                    let message = format!("a grid is of vectors, not of tensors of rank {rank}");
                    return vec![Self::failed("meshgrid", vectors, message, location); vectors.len()];
                }
            }
        }
        let mut order: Vec<_> = (0..vectors.len()).collect();
        if indexing == Indexing::Xy && order.len() > 1 {
            order.swap(0, 1);
        }
        let whole: Shape = order.iter().map(|&place| sizes[place].clone()).collect();
        let mut grids = Vec::with_capacity(vectors.len());
        for (vector, &place) in vectors.iter().zip(&order) {
            let mut shape = vec![Dim::from(1_i64); whole.rank()];
            shape[place] = whole[place].clone();
            grids.push(vector.reshape(shape).broadcast_to(&whole));
        }
        grids
    }
}

fn number(scalar: Scalar) -> Option<f64> {
    match scalar {
        Scalar::Float(number) => Some(number),
        Scalar::Int(number) => Some(number as f64),
        Scalar::Bool(_) => None,
    }
}

/// The numbers in `f64`: NumPy's, to the bit.
#[track_caller]
fn spaced(name: &str, start: f64, stop: f64, count: &Dim) -> Tensor {
    let index = Tensor::iota(DType::F64, Shape::from([count.clone()]), 0).failing_as("iota", name);
    // Of one number, that is the first.
    let last = (Tensor::size(count) - 1).maximum(1).cast(DType::F64);
    let step = (Tensor::scalar(stop) - start) / &last;
    index.greater_equal(last).select(stop.to_tensor(&index), index * step + start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_stop_before_the_end() {
        let ints =
            |start: i64, stop: i64, step: i64| Tensor::range(start, stop, step).to_vec::<i64>().unwrap();
        assert_eq!(ints(0, 5, 2), [0, 2, 4]);
        assert_eq!(ints(0, 6, 2), [0, 2, 4]);
        assert_eq!(ints(3, 0, -1), [3, 2, 1]);
        assert!(ints(3, 0, 1).is_empty());
        assert_eq!(ints(i64::MAX - 2, i64::MAX, 1), [i64::MAX - 2, i64::MAX - 1]);
        assert_eq!(Tensor::range(1, 2.0, 0.5).to_vec::<f32>().unwrap(), [1.0, 1.5]);
        assert!(Tensor::range(1.0, 0.0, 0.5).to_vec::<f32>().unwrap().is_empty());
        for wrong in [Tensor::range(0, 1, 0), Tensor::range(0.0, 1.0, 0.0), Tensor::range(0.0, f64::NAN, 1.0)]
        {
            assert!(wrong.error().unwrap().to_string().contains("sequences.rs"));
        }
        assert!(Tensor::range(u64::MAX, u64::MAX, 1).error().unwrap().to_string().contains("i64"));
        assert!(Tensor::range(false, 1, 1).error().unwrap().to_string().contains("truth values"));
    }

    #[test]
    fn spaces_of_no_and_of_one_number() {
        assert!(Tensor::linspace(DType::F64, 1.0, 2.0, 0).to_vec::<f64>().unwrap().is_empty());
        assert_eq!(Tensor::linspace(DType::F64, 1.0, 2.0, 1).to_vec::<f64>().unwrap(), [1.0]);
        assert_eq!(Tensor::linspace(DType::F64, 1.0, 0.1, 2).to_vec::<f64>().unwrap(), [1.0, 0.1]);
        assert!(Tensor::linspace(DType::F64, 1.0, 2.0, -1).error().is_some());
        let error = Tensor::logspace(DType::I32, 1.0, 2.0, 3, 2.0).error().unwrap().to_string();
        assert!(error.contains("logspace") && error.contains("not i32"), "{error}");
    }

    #[test]
    fn grids_have_a_dimension_for_each_vector() {
        let shape = |tensor: &Tensor| tensor.shape().concrete().unwrap();
        let (a, b, c) = (Tensor::zeros([2]), Tensor::scalar(true), Tensor::zeros([0]));
        assert_eq!(shape(&Tensor::meshgrid(&[&a, &b, &c], Indexing::Ij)[1]), [2, 1, 0]);
        assert_eq!(shape(&Tensor::meshgrid(&[&a, &b, &c], Indexing::Xy)[2]), [1, 2, 0]);
        assert!(Tensor::meshgrid(&[], Indexing::Xy).is_empty());
        assert!(Tensor::meshgrid(&[&a, &Tensor::eye(2)], Indexing::Xy)[0].error().is_some());
    }
}
