//! Products of tensors other than the element-wise one and that of matrices.

use super::composition::own_error;
use crate::error::Location;
use crate::graph::{constrain, type_of};
use crate::ops::{Axes, Operand, axes, axis};
use crate::tensor::{DType, Dim, Shape, Tensor};

impl Tensor {
    /// The sum of products over the last `count` dimensions of this tensor and the first of the other, in order, as NumPy's
    /// `tensordot`. Numeric dtypes, the same for both.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let (x, y) = (Tensor::zeros([2, 3, 4]), Tensor::zeros([3, 4, 5]));
    /// assert_eq!(x.tensordot(&y, 2).shape().to_string(), "[2, 5]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn tensordot(&self, other: impl Operand, count: usize) -> Self {
        let (other, location) = (other.to_tensor(self), Location::caller());
        let (rank, other_rank) = (self.rank(), other.rank());
        if count > rank || count > other_rank {
            let message =
                format!("tensors of rank {rank} and {other_rank} have no {count} dimensions in common");
            return Self::failed("tensordot", &[self, &other], message, location);
        }
        let left: Vec<_> = (rank - count..rank).collect();
        let right: Vec<_> = (0..count).collect();
        let result = self.dot_general(&other, (&left, &right), (&[], &[]));
        own_error("tensordot", &[self, &other], result, &location)
    }

    /// The sum of products over pairs of dimensions: the first of `left` with the first of `right`, and so on; negative ones
    /// count from the last. Numeric dtypes, the same for both.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let (x, y) = (Tensor::zeros([2, 3, 4]), Tensor::zeros([4, 5, 3]));
    /// assert_eq!(x.tensordot_axes(&y, [1, 2], [2, 0]).shape().to_string(), "[2, 5]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn tensordot_axes(&self, other: impl Operand, left: impl Axes, right: impl Axes) -> Self {
        let (other, location) = (other.to_tensor(self), Location::caller());
        let in_order = |numbers: &[isize], rank: usize| -> Result<Vec<usize>, String> {
            axes(numbers, rank)?;
            numbers.iter().map(|&number| axis(number, rank)).collect()
        };
        let (left, right) = (left.numbers(), right.numbers());
        let pairs = in_order(&left, self.rank()).and_then(|left| {
            let right = in_order(&right, other.rank())?;
            if left.len() == right.len() {
                Ok((left, right))
            } else {
                Err(format!(
                    "{} dimensions on the left and {} on the right are no pairs",
                    left.len(),
                    right.len()
                ))
            }
        });
        match pairs {
            Ok((left, right)) => {
                let result = self.dot_general(&other, (&left, &right), (&[], &[]));
                own_error("tensordot", &[self, &other], result, &location)
            }
            Err(message) => Self::failed("tensordot", &[self, &other], message, location),
        }
    }

    /// The product of each element of this tensor with each of the other: both are flattened, and the result is
    /// `[elements, elements]`. Numeric dtypes, the same for both.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1, 2]).outer(Tensor::from([10, 20, 30]));
    /// assert_eq!(x.to_vec::<i32>()?, [10, 20, 30, 20, 40, 60]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn outer(&self, other: impl Operand) -> Self {
        let other = other.to_tensor(self);
        self.reshape([-1, 1]) * other.reshape([1, -1])
    }

    /// The sum of products over the last dimension of both, as NumPy's `inner`: `[.., k]` and `[.., k]`. A tensor without
    /// dimensions multiplies each element. Numeric dtypes, the same for both.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2], [3, 4]]).inner(Tensor::from([10, 1]));
    /// assert_eq!(x.to_vec::<i32>()?, [12, 34]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn inner(&self, other: impl Operand) -> Self {
        let (other, location) = (other.to_tensor(self), Location::caller());
        let result = match (self.rank().checked_sub(1), other.rank().checked_sub(1)) {
            (Some(left), Some(right)) => self.dot_general(&other, (&[left], &[right]), (&[], &[])),
            _ => self * &other,
        };
        own_error("inner", &[self, &other], result, &location)
    }

    /// The cross product of vectors of three numbers, which lie along a dimension of both; the others broadcast. A negative
    /// dimension counts from the last. Numeric dtypes, the same for both.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1, 0, 0]).cross(Tensor::from([[0, 1, 0], [0, 0, 1]]), -1);
    /// assert_eq!(x.to_vec::<i32>()?, [0, 0, 1, 0, -1, 0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn cross(&self, other: impl Operand, along: isize) -> Self {
        let (other, location) = (other.to_tensor(self), Location::caller());
        let (Some(own), Some(others)) = (type_of(self), type_of(&other)) else {
            return Self::failed("cross", &[self, &other], "", location);
        };
        let along = constrain(|constraints| {
            for kind in [&own, &others] {
                let size = &kind.shape[axis(along, kind.rank())?];
                let fail =
                    |_| format!("a cross product is of vectors of 3 numbers, and {kind} has {size} of them");
                constraints.equal(size, &Dim::from(3_i64)).map_err(fail)?;
            }
            // The dimensions broadcast from the last one on.
            let from_last = axis(along, own.rank())?.cast_signed() - own.rank().cast_signed();
            let other = axis(along, others.rank())?.cast_signed() - others.rank().cast_signed();
            if from_last == other {
                Ok(from_last)
            } else {
                Err("the tensors have different ranks: count the dimension from the last".to_owned())
            }
        });
        match along {
            Ok(along) => {
                let result =
                    self.roll(-1, along) * other.roll(1, along) - self.roll(1, along) * other.roll(-1, along);
                own_error("cross", &[self, &other], result, &location)
            }
            Err(message) => Self::failed("cross", &[self, &other], message, location),
        }
    }

    /// The Kronecker product: each element of this tensor times the whole other one, in its place. Of the tensor with fewer
    /// dimensions the first ones are taken to have size 1. Numeric dtypes, the same for both.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1, 10]).kron(Tensor::from([[1], [2]]));
    /// assert_eq!(x.to_vec::<i32>()?, [1, 10, 2, 20]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn kron(&self, other: impl Operand) -> Self {
        let other = other.to_tensor(self);
        let location = Location::caller();
        let (Some(own), Some(others)) = (type_of(self), type_of(&other)) else {
            return Self::failed("kron", &[self, &other], "", location);
        };
        let rank = own.rank().max(others.rank());
        let one = || Dim::from(1_i64);
        let padded = |shape: &Shape| -> Vec<Dim> {
            std::iter::repeat_with(one).take(rank - shape.rank()).chain(shape.iter().cloned()).collect()
        };
        let (left, right) = (padded(&own.shape), padded(&others.shape));
        let outer: Vec<_> = left.iter().flat_map(|size| [size.clone(), one()]).collect();
        let inner: Vec<_> = right.iter().flat_map(|size| [one(), size.clone()]).collect();
        let whole: Vec<_> = left.iter().zip(&right).map(|(left, right)| left * right).collect();
        (self.reshape(outer) * other.reshape(inner)).reshape(whole)
    }

    /// The powers of each number: `[n]` becomes `[n, powers]`, with the exponents 0, 1, … from left to right, or from right
    /// to left unless `increasing`, as NumPy's `vander`. Numeric dtypes; rank 1.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([2, 3]).vander(3, true).to_vec::<i32>()?, [1, 2, 4, 1, 3, 9]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn vander(&self, powers: impl Into<Dim>, increasing: bool) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        if own.rank() != 1 || own.dtype == DType::Bool {
            let message = "it takes one dimension of numbers";
            return Self::failed("vander", &[self], message, location);
        }
        let exponents = Self::iota(own.dtype, Shape::from([powers.into()]), 0);
        let exponents = if increasing { exponents } else { exponents.flip(0) };
        self.expand_dims(1).pow(exponents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(tensor: &Tensor) -> Vec<usize> {
        tensor.clone().ok().unwrap().shape().concrete().unwrap()
    }

    #[test]
    fn shapes_are_numpys() {
        let x = Tensor::zeros([2, 3, 4]);
        assert_eq!(shape(&x.tensordot(Tensor::zeros([5]), 0)), [2, 3, 4, 5]);
        assert_eq!(shape(&x.tensordot_axes(Tensor::zeros([2, 6]), 0, 0)), [3, 4, 6]);
        assert_eq!(shape(&x.outer(Tensor::zeros([0, 2]))), [24, 0]);
        assert_eq!(shape(&x.inner(Tensor::zeros([5, 4]))), [2, 3, 5]);
        assert_eq!(shape(&x.inner(Tensor::scalar(1.0_f32))), [2, 3, 4]);
        assert_eq!(shape(&x.kron(Tensor::zeros([5, 1]))), [2, 15, 4]);
        assert_eq!(shape(&Tensor::scalar(1.0_f32).kron(2.0)), [0; 0]);
        assert_eq!(shape(&Tensor::zeros([0]).vander(2, false)), [0, 2]);
        assert_eq!(shape(&Tensor::zeros([3, 2]).cross(Tensor::zeros([3, 2]), 0)), [3, 2]);
    }

    #[test]
    fn what_does_not_fit_is_an_error_at_the_users_place() {
        let error = |tensor: Tensor| tensor.error().unwrap().to_string();
        let x = Tensor::zeros([2, 3]);
        assert!(error(x.tensordot(&x, 1)).contains("tensordot([2, 3; f32], [2, 3; f32])"));
        assert!(error(x.tensordot(&x, 3)).contains("no 3 dimensions in common"));
        assert!(error(x.tensordot_axes(&x, [0, 1], 0)).contains("are no pairs"));
        assert!(error(x.tensordot_axes(&x, [0, -2], [0, 1])).contains("stands twice"));
        assert!(error(x.inner(Tensor::zeros([2]))).contains("inner([2, 3; f32], [2; f32])"));
        assert!(error(x.cross(&x, 0)).contains("vectors of 3 numbers, and [2, 3; f32] has 2"));
        assert!(error(x.cross(Tensor::zeros([3]), 1)).contains("no dimension 1"));
        assert!(error(x.vander(2, true)).contains("products.rs"));
    }
}
