//! Finding elements by index, and indices of elements.

use super::composition::{called, size_above_0};
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::{IndexDimensions, Operand, OutOfBounds, axis};
use crate::tensor::{DType, Dim, Shape, Tensor, TensorType};

impl Tensor {
    /// For each integer a row of dtype `f32` with a 1 at that place and 0 elsewhere; of shape `[.., classes]`.
    ///
    /// Integer dtypes. A number that is no class gives zeros; see [`Tensor::check_range`] for an error instead.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let rows = Tensor::from([1, 0]).one_hot(3);
    /// assert_eq!(rows.to_vec::<f32>()?, [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn one_hot(&self, classes: impl Into<Dim>) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        if !own.dtype.is_int() {
            return Self::failed("one_hot", &[self], not_indices(&own), location);
        }
        // In i64 no two classes are the same number, whatever the dtype of the indices holds.
        let numbers = self.cast(DType::I64).expand_dims(-1);
        numbers.equal(Self::arange(classes)).cast(DType::F32)
    }

    /// The slices along a dimension that integers name: its place in the shape is taken by the shape of `indices`.
    ///
    /// `table.take(&words, 0)` looks rows up. Every dtype; indices of an integer dtype, from 0 on. An index that is out
    /// of range is an error when it is looked up, also in a saved model.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.take(Tensor::from([2, 0]), 1).to_vec::<i32>()?, [3, 1, 6, 4]);
    /// assert!(x.take(Tensor::from([3]), 1).error().is_some());
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn take(&self, indices: impl Operand, along: isize) -> Self {
        looked_up("take", self, &indices.to_tensor(self), along)
    }

    /// The rows of a table that integers name: [`Tensor::take`] along the first dimension.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let table = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// let words = Tensor::from([[1_u8, 1, 0]]);
    /// assert_eq!(table.embedding_lookup(words).shape().to_string(), "[1, 3, 2]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn embedding_lookup(&self, indices: impl Operand) -> Self {
        looked_up("embedding_lookup", self, &indices.to_tensor(self), 0)
    }

    /// For each element of `indices` the element of this tensor at the same place, but with that index along a dimension.
    ///
    /// `scores.take_along_axis(&labels.expand_dims(-1), -1)` picks one score from each row. Both tensors have the same
    /// rank and the same sizes except along the dimension. Every dtype; indices of an integer dtype, from 0 on. An index
    /// that is out of range is an error when it is looked up, also in a saved model.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[10, 20, 30], [40, 50, 60]]);
    /// let picked = x.take_along_axis(Tensor::from([[2], [0]]), 1);
    /// assert_eq!(picked.to_vec::<i32>()?, [30, 40]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn take_along_axis(&self, indices: impl Operand, along: isize) -> Self {
        let (indices, location) = (indices.to_tensor(self), Location::caller());
        let (own, at, axis) = match checked("take_along_axis", self, &indices, along, &location) {
            Ok(checked) => checked,
            Err(failed) => return failed,
        };
        if own.rank() != at.rank() {
            let message =
                format!("the indices have rank {} and the tensor {}: make them equal", at.rank(), own.rank());
            return Self::failed("take_along_axis", &[self, &indices], message, location);
        }
        let others: Vec<_> = (0..own.rank()).filter(|&other| other != axis).collect();
        let dimensions = IndexDimensions {
            collapsed_slice_dims: vec![axis],
            operand_batching_dims: others.clone(),
            start_indices_batching_dims: others,
            start_index_map: vec![axis],
            index_vector_dim: at.rank(),
            ..IndexDimensions::default()
        };
        let what = format!("{}: index", called("take_along_axis", &[self, &indices]));
        let indices = indices.check_range(0, own.shape[axis].clone(), &what);
        self.gather(indices, vec![Dim::from(1_i64); own.rank()], &dimensions, OutOfBounds::Clamp)
    }

    /// The index of the greatest element along a dimension, which goes; the first of several. Every dtype; the result is
    /// of dtype `i64`.
    ///
    /// A NaN counts as the greatest, as in NumPy. Along a dimension of size 0 it is an error.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1.0_f32, 5.0, 5.0], [7.0, 0.0, 2.0]]);
    /// assert_eq!(x.argmax(-1).to_vec::<i64>()?, [1, 0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn argmax(&self, along: isize) -> Self {
        first_extreme("argmax", self, along, true)
    }

    /// The index of the least element along a dimension, which goes; otherwise as [`Tensor::argmax`].
    #[track_caller]
    pub fn argmin(&self, along: isize) -> Self {
        first_extreme("argmin", self, along, false)
    }
}

pub(super) fn not_indices(kind: &TensorType) -> String {
    format!("indices are integers, not {}: convert them with `.cast(DType::I64)`", kind.dtype)
}

/// The types of a tensor and its indices, and the dimension the indices count in.
fn checked(
    name: &str,
    tensor: &Tensor,
    indices: &Tensor,
    along: isize,
    location: &Location,
) -> Result<(TensorType, TensorType, usize), Tensor> {
    let fail = |message: String| Tensor::failed(name, &[tensor, indices], message, location.clone());
    let (Some(own), Some(at)) = (type_of(tensor), type_of(indices)) else { return Err(fail(String::new())) };
    if !at.dtype.is_int() {
        return Err(fail(not_indices(&at)));
    }
    let axis = axis(along, own.rank()).map_err(fail)?;
    Ok((own, at, axis))
}

#[track_caller]
fn looked_up(name: &str, tensor: &Tensor, indices: &Tensor, along: isize) -> Tensor {
    let location = Location::caller();
    let (own, at, axis) = match checked(name, tensor, indices, along, &location) {
        Ok(checked) => checked,
        Err(failed) => return failed,
    };
    let dimensions = IndexDimensions {
        offset_dims: (0..axis).chain(axis + at.rank()..own.rank() + at.rank() - 1).collect(),
        collapsed_slice_dims: vec![axis],
        start_index_map: vec![axis],
        index_vector_dim: at.rank(),
        ..IndexDimensions::default()
    };
    let mut slice = own.shape.to_vec();
    let size = std::mem::replace(&mut slice[axis], Dim::from(1_i64));
    let indices = indices.check_range(0, size, &format!("{}: index", called(name, &[tensor, indices])));
    tensor.gather(indices, slice, &dimensions, OutOfBounds::Clamp)
}

#[track_caller]
fn first_extreme(name: &str, x: &Tensor, along: isize, greatest: bool) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(x) else { return x.clone() };
    let axis = match axis(along, own.rank()) {
        Ok(axis) if own.shape[axis] == 0 => {
            let message = format!("dimension {axis} has size 0, and of no elements none is the first");
            return Tensor::failed(name, &[x], message, location);
        }
        Ok(axis) => axis.cast_signed(),
        Err(message) => return Tensor::failed(name, &[x], message, location),
    };
    let extreme = if greatest { x.max_axis_keepdims(axis) } else { x.min_axis_keepdims(axis) };
    // A NaN equals nothing, itself included.
    let found = x.equal(&extreme).logical_or(x.not_equal(x));
    let size = own.shape[axis.cast_unsigned()].clone();
    let mut aligned = vec![Dim::from(1_i64); own.rank()];
    aligned[axis.cast_unsigned()] = size.clone();
    let places = Tensor::arange(size).reshape(Shape::new(aligned));
    // One is always found; the size is greater than every place, and not 0.
    found.select(places, size_above_0(name, x, axis.cast_unsigned())).min_axis(axis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hot_knows_every_integer() {
        let rows = Tensor::from([[255_u8], [3]]).one_hot(256);
        assert_eq!(rows.shape().concrete(), Some(vec![2, 1, 256]));
        assert_eq!(rows.argmax(-1).to_vec::<i64>().unwrap(), [255, 3]);
        assert_eq!(rows.sum().to_scalar::<f32>().unwrap(), 2.0);
        assert_eq!(Tensor::from([0_i8, 1]).one_hot(300).sum().to_scalar::<f32>().unwrap(), 2.0);
        assert_eq!(Tensor::from([-1_i32, 5]).one_hot(3).sum().to_scalar::<f32>().unwrap(), 0.0);
        assert_eq!(Tensor::scalar(1_i64).one_hot(2).to_vec::<f32>().unwrap(), [0.0, 1.0]);
        assert!(
            Tensor::from([1.0_f32]).one_hot(2).error().unwrap().to_string().contains(".cast(DType::I64)")
        );
    }

    #[test]
    fn take_puts_the_indices_in_place_of_the_dimension() {
        let x = Tensor::arange(24).reshape([2, 3, 4]);
        let at = Tensor::from([[2_u16, 0]]);
        let taken = x.take(&at, 1);
        assert_eq!(taken.shape().concrete(), Some(vec![2, 1, 2, 4]));
        assert_eq!(taken.index_axis(0, 1).to_vec::<i64>().unwrap(), [20, 21, 22, 23, 12, 13, 14, 15]);
        assert_eq!(x.take(Tensor::scalar(3_i32), -1).to_vec::<i64>().unwrap(), [3, 7, 11, 15, 19, 23]);
        let none = x.take(Tensor::from(Vec::<i64>::new()), 0);
        assert_eq!(none.shape().concrete(), Some(vec![0, 3, 4]));
        let error = x.take(Tensor::from([0, 2]), 0).error().unwrap().to_string();
        assert!(
            error.starts_with(
                "take([2, 3, 4; i64], [2; i32]): index 2 at [1] is out of range: expected 0 to 1\n"
            ),
            "{error}"
        );
        assert!(x.take(Tensor::from([0.0_f32]), 0).error().is_some());
        assert!(x.take(&at, 3).error().unwrap().to_string().contains("no dimension 3"));
    }

    #[test]
    fn take_along_axis_pairs_the_other_dimensions() {
        let x = Tensor::from([[[1_u8, 2], [3, 4]], [[5, 6], [7, 8]]]);
        let at = Tensor::from([[[1, 0]], [[0, 0]]]);
        assert_eq!(x.take_along_axis(&at, 1).to_vec::<u8>().unwrap(), [3, 2, 5, 6]);
        assert_eq!(
            Tensor::from([4, 5]).take_along_axis(Tensor::from([1, 1, 0]), 0).to_vec::<i32>().unwrap(),
            [5, 5, 4]
        );
        let empty = Tensor::zeros([0, 3]).take_along_axis(Tensor::zeros([0, 1]).cast(DType::I32), 1);
        assert_eq!(empty.shape().concrete(), Some(vec![0, 1]));
        assert!(x.take_along_axis(Tensor::from([0]), 1).error().unwrap().to_string().contains("rank 1"));
        assert!(x.take_along_axis(Tensor::from([[[0]]]), 1).error().is_some());
        assert!(x.take_along_axis(Tensor::from([[[2, 0]], [[0, 0]]]), 1).error().is_some());
    }

    #[test]
    fn extremes_are_the_first_and_nan_wins() {
        let x = Tensor::from([[1.0_f32, f32::NAN, f32::NAN], [-0.0, 0.0, f32::NEG_INFINITY]]);
        assert_eq!(x.argmax(1).to_vec::<i64>().unwrap(), [1, 0]);
        assert_eq!(x.argmin(1).to_vec::<i64>().unwrap(), [1, 2]);
        assert_eq!(Tensor::from([false, true, true]).argmax(0).to_scalar::<i64>().unwrap(), 1);
        assert_eq!(Tensor::from([[3_u64, 1], [2, 1]]).argmin(0).to_vec::<i64>().unwrap(), [1, 0]);
        assert_eq!(Tensor::zeros([0, 2]).argmax(1).shape().concrete(), Some(vec![0]));
        assert!(Tensor::zeros([0, 2]).argmax(0).error().unwrap().to_string().contains("size 0"));
    }
}
