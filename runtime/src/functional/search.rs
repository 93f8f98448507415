//! Finding places in sorted numbers, counting numbers, and elements by several indices at once.

use super::composition::called;
use super::indexing::not_indices;
use crate::error::Location;
use crate::graph::{Constraints, constrain, type_of};
use crate::ops::{Combine, IndexDimensions, Operand, OutOfBounds};
use crate::tensor::{DType, Dim, Shape, Tensor, TensorType};

/// Where a number goes that stands in the sorted numbers already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before the first that is equal to it.
    Left,
    /// After the last that is equal to it.
    Right,
}

impl Tensor {
    /// For each value the place in this tensor of sorted numbers where it can go in so that they stay sorted, in dtype
    /// `i64`, as NumPy's `searchsorted`. This tensor has rank 1; the values are of any shape and the same dtype. Every
    /// dtype.
    ///
    /// A NaN goes after all numbers. Each value is compared with each number, so that it takes memory for all pairs.
    ///
    /// ```
    /// use holotype::functional::Side;
    /// use holotype::prelude::*;
    /// let sorted = Tensor::from([1, 3, 3, 5]);
    /// assert_eq!(sorted.searchsorted(Tensor::from([3, 6]), Side::Left).to_vec::<i64>()?, [1, 4]);
    /// assert_eq!(sorted.searchsorted(Tensor::from([3, 6]), Side::Right).to_vec::<i64>()?, [3, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn searchsorted(&self, values: impl Operand, side: Side) -> Self {
        let (values, location) = (values.to_tensor(self), Location::caller());
        let rank = self.rank();
        if rank != 1 && self.error().is_none() {
            let message = format!("sorted numbers lie along one dimension; this tensor has rank {rank}");
            return Self::failed("searchsorted", &[self, &values], message, location);
        }
        let each = values.expand_dims(-1);
        let before = match side {
            Side::Left => self.less(&each),
            Side::Right => self.less_equal(&each),
        };
        // A NaN is unequal to itself, and nothing is less than it.
        let (number, beyond) = (self.equal(self), each.not_equal(&each));
        let beyond = match side {
            Side::Left => beyond.logical_and(number),
            Side::Right => beyond.logical_or(self.not_equal(self).logical_and(&beyond)),
        };
        before.logical_or(beyond).cast(DType::I64).sum_axis(-1)
    }

    /// How often each of the integers from 0 to before `length` stands in the tensor: `[length]`, of dtype `i64`, as NumPy's
    /// `bincount` of a given length. Integer dtypes, every shape.
    ///
    /// Other integers are not counted; see [`Tensor::check_range`] for an error instead.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([2, 0, 2, 9]).bincount(3).to_vec::<i64>()?, [1, 0, 2]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn bincount(&self, length: impl Into<Dim>) -> Self {
        counted("bincount", self, &self.ones_like().cast(DType::I64), length.into(), Location::caller())
    }

    /// For each of the integers from 0 to before `length` the sum of the weights where it stands: `[length]`, of the dtype of
    /// the weights, which have the shape of the tensor. Otherwise as [`Tensor::bincount`].
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let sums = Tensor::from([2, 0, 2]).bincount_weighted(Tensor::from([0.5_f32, 1.0, 0.25]), 3);
    /// assert_eq!(sums.to_vec::<f32>()?, [1.0, 0.0, 0.75]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn bincount_weighted(&self, weights: impl Operand, length: impl Into<Dim>) -> Self {
        counted("bincount_weighted", self, &weights.to_tensor(self), length.into(), Location::caller())
    }

    /// How many elements lie in each of so many intervals of equal length from `low` to `high`: `[bins]`, of dtype `i64`, as
    /// NumPy's `histogram`. Float dtypes, every shape.
    ///
    /// Each interval has its lower end, and the last one its upper end too. Other elements are not counted.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let counts = Tensor::from([0.0_f32, 0.4, 0.5, 1.0, 7.0]).histogram(2, 0.0, 1.0);
    /// assert_eq!(counts.to_vec::<i64>()?, [2, 2]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn histogram(&self, bins: usize, low: f64, high: f64) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        if !own.dtype.is_float() {
            return super::composition::not_float("histogram", self, location);
        }
        let finite = low.is_finite() && high.is_finite() && low < high;
        if bins == 0 || !finite {
            let message = format!("{bins} intervals from {low} to {high} are none");
            return Self::failed("histogram", &[self], message, location);
        }
        let x = self.cast(DType::F64).reshape([-1]);
        let place = Self::linspace(DType::F64, low, high, bins + 1).searchsorted(&x, Side::Right) - 1;
        // The upper end lies in the last interval, and a NaN in none.
        let last = x.equal(high).select(bins as i64 - 1, place);
        x.equal(&x).select(last, -1).bincount(bins)
    }

    /// The slices that vectors of indices name, as TensorFlow's `gather_nd`: along the last dimension of `indices` lie the
    /// indices in the first dimensions of this tensor, and the result has the other dimensions of both.
    ///
    /// After `batch` dimensions that both have in common. Every dtype; indices of an integer dtype, from 0 on. An index that
    /// is out of range is an error when it is looked up, also in a saved model.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2], [3, 4]]);
    /// assert_eq!(x.gather_nd(Tensor::from([[0, 1], [1, 0]]), 0).to_vec::<i32>()?, [2, 3]);
    /// assert_eq!(x.gather_nd(Tensor::from([[1]]), 0).to_vec::<i32>()?, [3, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn gather_nd(&self, indices: impl Operand, batch: usize) -> Self {
        let (indices, location) = (indices.to_tensor(self), Location::caller());
        let (Some(own), Some(at)) = (type_of(self), type_of(&indices)) else {
            return Self::failed("gather_nd", &[self, &indices], "", location);
        };
        let depth = match constrain(|constraints| depth(&own, &at, batch, constraints)) {
            Ok(depth) => depth,
            Err(message) => return Self::failed("gather_nd", &[self, &indices], message, location),
        };
        let found = batch..batch + depth;
        let dimensions = IndexDimensions {
            offset_dims: (at.rank() - 1..at.rank() - 1 + own.rank() - found.end).collect(),
            collapsed_slice_dims: found.clone().collect(),
            operand_batching_dims: (0..batch).collect(),
            start_indices_batching_dims: (0..batch).collect(),
            start_index_map: found.clone().collect(),
            index_vector_dim: at.rank() - 1,
        };
        let what = format!("{}: index", called("gather_nd", &[self, &indices]));
        let mut checked = Vec::with_capacity(depth);
        for (component, axis) in found.clone().enumerate() {
            let part = indices.slice_axis(-1, component..=component);
            checked.push(part.check_range(0, own.shape[axis].clone(), &what));
        }
        let indices = if checked.is_empty() {
            indices
        } else {
            Self::concatenate(&checked.iter().collect::<Vec<_>>(), -1)
        };
        let mut slice = own.shape.to_vec();
        for size in slice.iter_mut().take(found.end) {
            *size = Dim::from(1_i64);
        }
        self.gather(indices, slice, &dimensions, OutOfBounds::Clamp)
    }
}

/// How many indices a vector of them holds.
fn depth(
    own: &TensorType,
    at: &TensorType,
    batch: usize,
    constraints: &mut dyn Constraints,
) -> Result<usize, String> {
    if !at.dtype.is_int() {
        return Err(not_indices(at));
    }
    let Some((last, rest)) = at.shape.split_last() else {
        return Err("indices lie along a dimension: reshape them to [1]".into());
    };
    let depth = last.as_usize().ok_or_else(|| {
        format!("how many indices name a slice cannot be told while tracing: write the size {last} in the signature")
    })?;
    if batch > rest.len() || depth > own.rank().saturating_sub(batch) {
        let rank = own.rank();
        return Err(format!(
            "{depth} indices after {batch} common dimensions do not fit a tensor of rank {rank}"
        ));
    }
    for (left, right) in own.shape.iter().zip(rest).take(batch) {
        constraints.equal(left, right)?;
    }
    Ok(depth)
}

#[track_caller]
fn counted(name: &str, x: &Tensor, weights: &Tensor, length: Dim, location: Location) -> Tensor {
    let (Some(own), Some(kind)) = (type_of(x), type_of(weights)) else {
        return Tensor::failed(name, &[x, weights], "", location);
    };
    let fits = constrain(|constraints| {
        if !own.dtype.is_int() {
            return Err(not_indices(&own));
        }
        if own.rank() != kind.rank() || !kind.dtype.is_numeric() {
            return Err(format!("the weights {kind} are not one number for each element of {own}"));
        }
        let pairs = own.shape.iter().zip(kind.shape.iter());
        pairs.into_iter().try_for_each(|(left, right)| constraints.equal(left, right).map(drop))
    });
    if let Err(message) = fits {
        return Tensor::failed(name, &[x, weights], message, location);
    }
    let each = IndexDimensions {
        collapsed_slice_dims: vec![0],
        start_index_map: vec![0],
        index_vector_dim: 1,
        ..IndexDimensions::default()
    };
    let zeros = Tensor::scalar(0_i64).cast(kind.dtype).broadcast_to(Shape::from([length]));
    zeros.scatter(x.reshape([-1]), weights.reshape([-1]), Combine::Add, &each, OutOfBounds::Drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_goes_last() {
        let sorted = Tensor::from([-1.0_f32, 0.0, f32::INFINITY, f32::NAN]);
        let values = Tensor::from([[f32::NAN, -0.0], [f32::INFINITY, f32::NEG_INFINITY]]);
        assert_eq!(sorted.searchsorted(&values, Side::Left).to_vec::<i64>().unwrap(), [3, 1, 2, 0]);
        assert_eq!(sorted.searchsorted(&values, Side::Right).to_vec::<i64>().unwrap(), [4, 2, 3, 0]);
        let none = Tensor::zeros([0]).searchsorted(Tensor::zeros([2]), Side::Left);
        assert_eq!(none.to_vec::<i64>().unwrap(), [0, 0]);
        assert!(Tensor::eye(2).searchsorted(1.0, Side::Left).error().unwrap().to_string().contains("rank 2"));
        assert!(sorted.searchsorted(Tensor::from([1]), Side::Left).error().is_some());
    }

    #[test]
    fn counts_leave_out_what_is_not_counted() {
        let x = Tensor::from([[-1_i8, 0], [1, 1]]);
        assert_eq!(x.bincount(2).to_vec::<i64>().unwrap(), [1, 2]);
        assert_eq!(Tensor::from(Vec::<u8>::new()).bincount(2).to_vec::<i64>().unwrap(), [0, 0]);
        assert!(x.bincount(0).to_vec::<i64>().unwrap().is_empty());
        assert!(Tensor::zeros([1]).bincount(2).error().unwrap().to_string().contains("bincount([1; f32]"));
        assert!(x.bincount_weighted(Tensor::zeros([4]), 2).error().unwrap().to_string().contains("weights"));
        let y = Tensor::from([f64::NAN, -0.1, 0.0, 0.3, 1.0, 1.1, f64::INFINITY]).histogram(3, 0.0, 1.0);
        assert_eq!(y.to_vec::<i64>().unwrap(), [2, 0, 1]);
        assert!(Tensor::zeros([1]).histogram(0, 0.0, 1.0).error().is_some());
        assert!(Tensor::zeros([1]).histogram(1, 1.0, 1.0).error().is_some());
    }

    #[test]
    fn slices_are_found_by_vectors_of_indices() {
        let x = Tensor::arange(12).reshape([2, 3, 2]);
        let at = Tensor::from([[[1_u8], [2]], [[0], [0]]]);
        let found = x.gather_nd(&at, 1);
        assert_eq!(found.shape().concrete(), Some(vec![2, 2, 2]));
        assert_eq!(found.to_vec::<i64>().unwrap(), [2, 3, 4, 5, 6, 7, 6, 7]);
        let whole = x.gather_nd(Tensor::from_vec([2, 0], Vec::<i32>::new()), 0);
        assert_eq!(whole.shape().concrete(), Some(vec![2, 2, 3, 2]));
        let error = x.gather_nd(Tensor::from([[0, 3]]), 0).error().unwrap().to_string();
        assert!(
            error.starts_with("gather_nd(")
                && error.contains("): index 3 at [0, 0] is out of range: expected 0 to 2"),
            "{error}"
        );
        assert!(x.gather_nd(Tensor::scalar(1), 0).error().is_some());
        assert!(x.gather_nd(Tensor::from([1, 1, 1, 1]), 0).error().is_some());
        assert!(x.gather_nd(Tensor::from([[[0]], [[0]], [[0]]]), 1).error().is_some());
        assert!(x.gather_nd(Tensor::zeros([1]), 0).error().unwrap().to_string().contains("gather_nd"));
    }
}
