//! How a tensor of indices finds windows of another tensor: what gather and scatter share.

use ndarray::Dimension;
use serde::{Deserialize, Serialize};

use super::unary::require;
use super::wide::Wide;
use crate::error::Result;
use crate::graph::Constraints;
use crate::tensor::{DType, Data, Dim, Shape, TensorType};

/// How a tensor of indices finds windows of another tensor.
///
/// The names are those of StableHLO's [`gather`](https://openxla.org/stablehlo/spec#gather);
/// [`scatter`](https://openxla.org/stablehlo/spec#scatter) means the same by other ones, given in brackets. "Values" are
/// the result of a gather and the updates of a scatter.
///
/// ```
/// use holotype::ops::{IndexDimensions, OutOfBounds};
/// use holotype::prelude::*;
/// // Rows of a table: each index picks a window of one row and all columns.
/// let table = Tensor::from([[1, 2], [3, 4], [5, 6]]);
/// let rows = IndexDimensions {
///     offset_dims: vec![1],
///     collapsed_slice_dims: vec![0],
///     start_index_map: vec![0],
///     index_vector_dim: 1,
///     ..IndexDimensions::default()
/// };
/// let picked = table.gather(Tensor::from([2, 0]), [1, 2], &rows, OutOfBounds::Clamp);
/// assert_eq!(picked.to_vec::<i32>()?, [5, 6, 1, 2]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexDimensions {
    /// The dimensions of the values that lie within a window, sorted (`update_window_dims`); the others say which window.
    pub offset_dims: Vec<usize>,
    /// The dimensions of the operand in which a window has size 1 and that the values lack, sorted
    /// (`inserted_window_dims`).
    pub collapsed_slice_dims: Vec<usize>,
    /// The dimensions of the operand that go along with dimensions of the indices, sorted (`input_batching_dims`).
    pub operand_batching_dims: Vec<usize>,
    /// For each of them, the dimension of the indices (`scatter_indices_batching_dims`).
    pub start_indices_batching_dims: Vec<usize>,
    /// For each component of an index, the dimension of the operand it counts in (`scatter_dims_to_operand_dims`).
    pub start_index_map: Vec<usize>,
    /// The dimension of the indices that holds the components; their rank if an index is one number.
    pub index_vector_dim: usize,
}

/// What becomes of indices that leave the operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutOfBounds {
    /// The window is moved to the nearest place within: StableHLO's rule for `gather`.
    Clamp,
    /// Each element outside is left out, and read as 0: StableHLO's rule for `scatter`.
    Drop,
}

/// The places in the operand, for indices and sizes that are known.
pub(crate) struct Windows {
    /// For each window, the first index along each dimension of the operand.
    starts: Vec<i128>,
    /// For each dimension of the values, how far one step goes among the windows.
    batch_strides: Vec<usize>,
    /// For each dimension of the operand, the dimension of the values that moves along it within a window.
    offsets: Vec<Option<usize>>,
    operand_sizes: Vec<usize>,
}

impl Windows {
    /// For each value, of these sizes, the place in the operand.
    pub fn places(&self, sizes: &[usize]) -> impl Iterator<Item = Option<usize>> {
        ndarray::indices(sizes).into_iter().map(|at| self.place(at.slice()))
    }

    /// The place of a value in the operand, counted in row-major order; none outside.
    fn place(&self, value: &[usize]) -> Option<usize> {
        let window: usize = value.iter().zip(&self.batch_strides).map(|(index, stride)| index * stride).sum();
        let mut place = 0_usize;
        for (axis, &size) in self.operand_sizes.iter().enumerate() {
            let offset = self.offsets[axis].map_or(0, |dimension| value[dimension]);
            let index = self.starts[window * self.operand_sizes.len() + axis] + offset as i128;
            let index = usize::try_from(index).ok().filter(|&index| index < size)?;
            place = place.checked_mul(size)?.checked_add(index)?;
        }
        Some(place)
    }
}

impl IndexDimensions {
    /// The dimensions of the operand that the values have too, in order.
    pub(crate) fn window_dims(&self, rank: usize) -> Vec<usize> {
        let gone = |axis: &usize| {
            self.collapsed_slice_dims.contains(axis) || self.operand_batching_dims.contains(axis)
        };
        (0..rank).filter(|axis| !gone(axis)).collect()
    }

    /// The dimensions of the values that say which window, of `rank` in all.
    pub(crate) fn batch_dims(&self, rank: usize) -> Vec<usize> {
        (0..rank).filter(|axis| !self.offset_dims.contains(axis)).collect()
    }

    /// The sizes of the dimensions that say which window.
    pub(crate) fn batch_sizes(&self, indices: &TensorType) -> Vec<Dim> {
        let others = indices.shape.iter().enumerate().filter(|(axis, _)| *axis != self.index_vector_dim);
        others.map(|(_, size)| size.clone()).collect()
    }

    /// The shape of the values, from the sizes of a window in those dimensions of the operand that they have.
    pub(crate) fn values_shape(&self, indices: &TensorType, window: Vec<Dim>) -> Shape {
        let (mut batch, rank) = (self.batch_sizes(indices).into_iter(), indices.rank() + window.len() + 1);
        let mut window = window.into_iter();
        let next = |axis| if self.offset_dims.contains(&axis) { window.next() } else { batch.next() };
        (0..rank).map_while(next).collect()
    }

    /// Whether the dimensions fit each other, the operand and the indices.
    pub(crate) fn check(
        &self,
        operand: &TensorType,
        indices: &TensorType,
        constraints: &mut dyn Constraints,
    ) -> Result<(), String> {
        require(indices.dtype, DType::is_int, "integer index")?;
        if self.index_vector_dim > indices.rank() {
            return Err(format!("there is no dimension {} in the indices {indices}", self.index_vector_dim));
        }
        let components = Dim::from(self.start_index_map.len());
        let found = indices.shape.get(self.index_vector_dim).cloned().unwrap_or_else(|| Dim::from(1_i64));
        constraints.equal(&found, &components).map_err(|_| {
            format!("an index has {found} components, and start_index_map names {components} dimensions")
        })?;
        let batch_rank = self.batch_sizes(indices).len();
        let gone: Vec<_> = [&*self.collapsed_slice_dims, &*self.operand_batching_dims].concat();
        let counted: Vec<_> = [&*self.start_index_map, &*self.operand_batching_dims].concat();
        distinct("offset_dims", &self.offset_dims, batch_rank + self.offset_dims.len())?;
        distinct("collapsed_slice_dims and operand_batching_dims", &gone, operand.rank())?;
        distinct("start_index_map and operand_batching_dims", &counted, operand.rank())?;
        distinct("start_indices_batching_dims", &self.start_indices_batching_dims, indices.rank())?;
        for sorted in [&self.offset_dims, &self.collapsed_slice_dims, &self.operand_batching_dims] {
            if !sorted.is_sorted() {
                return Err(format!("the dimensions {sorted:?} must be sorted"));
            }
        }
        if self.offset_dims.len() + gone.len() != operand.rank() {
            return Err(format!(
                "each dimension of {operand} is either collapsed, batching, or has one of the offset_dims {:?}",
                self.offset_dims
            ));
        }
        if self.operand_batching_dims.len() != self.start_indices_batching_dims.len()
            || self.start_indices_batching_dims.contains(&self.index_vector_dim)
        {
            return Err("each batching dimension of the operand goes along with one of the indices".into());
        }
        for (&axis, &along) in self.operand_batching_dims.iter().zip(&self.start_indices_batching_dims) {
            constraints.equal(&operand.shape[axis], &indices.shape[along])?;
        }
        Ok(())
    }

    /// Where windows of these sizes (one for each dimension of the operand) lie.
    pub(crate) fn windows(
        &self,
        operand_sizes: &[usize],
        indices: &Data,
        window: &[usize],
        out_of_bounds: OutOfBounds,
    ) -> Result<Windows> {
        let rank = operand_sizes.len();
        let numbers = integers(indices)?;
        let sizes = indices.sizes();
        let mut batch: Vec<_> = sizes.to_vec();
        let mut strides = row_major(sizes);
        let component_stride = if self.index_vector_dim < sizes.len() {
            batch.remove(self.index_vector_dim);
            strides.remove(self.index_vector_dim)
        } else {
            0
        };
        let mut starts = Vec::new();
        for at in ndarray::indices(batch.as_slice()) {
            let mut start = vec![0; rank];
            let first: usize = (0..batch.len()).map(|axis| at[axis] * strides[axis]).sum();
            for (component, &axis) in self.start_index_map.iter().enumerate() {
                let index = numbers[first + component * component_stride];
                let last = operand_sizes[axis].saturating_sub(window[axis]) as i128;
                start[axis] = if out_of_bounds == OutOfBounds::Clamp { index.clamp(0, last) } else { index };
            }
            for (&axis, &along) in self.operand_batching_dims.iter().zip(&self.start_indices_batching_dims) {
                start[axis] = at[along - usize::from(along > self.index_vector_dim)] as i128;
            }
            starts.extend(start);
        }
        let values_rank = batch.len() + self.offset_dims.len();
        let mut batch_strides = vec![0; values_rank];
        for (dimension, stride) in self.batch_dims(values_rank).into_iter().zip(row_major(&batch)) {
            batch_strides[dimension] = stride;
        }
        let mut offsets = vec![None; rank];
        for (axis, &dimension) in self.window_dims(rank).into_iter().zip(&self.offset_dims) {
            offsets[axis] = Some(dimension);
        }
        Ok(Windows { starts, batch_strides, offsets, operand_sizes: operand_sizes.to_vec() })
    }
}

/// Dimensions that each stand once and are less than the rank.
fn distinct(name: &str, dims: &[usize], rank: usize) -> Result<(), String> {
    let mut sorted = dims.to_vec();
    sorted.sort_unstable();
    let twice = sorted.windows(2).any(|pair| pair[0] == pair[1]);
    if twice || sorted.last().is_some_and(|&axis| axis >= rank) {
        return Err(format!("{name} {dims:?} must be dimensions below {rank}, each once"));
    }
    Ok(())
}

/// How far one step along each dimension goes in row-major order.
fn row_major(sizes: &[usize]) -> Vec<usize> {
    let mut strides = vec![1_usize; sizes.len()];
    for axis in (1..sizes.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(sizes[axis]);
    }
    strides
}

/// The indices as numbers, whatever their dtype.
pub(super) fn integers(indices: &Data) -> Result<Vec<i128>> {
    match Wide::of(indices)? {
        Wide::Signed(numbers) => Ok(numbers.iter().copied().map(i128::from).collect()),
        Wide::Unsigned(numbers) => Ok(numbers.iter().copied().map(i128::from).collect()),
        Wide::Float(_) => Err(super::unary::dtype_error(indices)),
    }
}
