//! Diagonals and triangles of matrices.

use crate::error::Location;
use crate::graph::type_of;
use crate::ops::{IndexDimensions, OutOfBounds, axis};
use crate::tensor::{DType, Dim, Shape, Tensor, TensorType};

impl Tensor {
    /// The identity matrix of dtype `f32`, `[n, n]`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::eye(2).to_vec::<f32>()?, [1.0, 0.0, 0.0, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn eye(n: impl Into<Dim>) -> Self {
        let n = n.into();
        Self::eye_with(n.clone(), n, 0)
    }

    /// A matrix of dtype `f32` with ones on the diagonal that starts `offset` columns to the right of the first, or rows
    /// below it if negative, and zeros elsewhere.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::eye_with(2, 3, 1).to_vec::<f32>()?, [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn eye_with(rows: impl Into<Dim>, columns: impl Into<Dim>, offset: i64) -> Self {
        distance(&rows.into(), &columns.into()).equal(offset).cast(DType::F32)
    }

    /// The elements of two dimensions whose indices differ by `offset`, as a last dimension of the result; negative
    /// dimensions count from the last. Every dtype.
    ///
    /// A positive offset counts along the second of the dimensions, a negative one along the first. Sizes are known or equal
    /// when the function is traced.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.diagonal(0, 0, 1).to_vec::<i32>()?, [1, 5]);
    /// assert_eq!(x.diagonal(1, 0, 1).to_vec::<i32>()?, [2, 6]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn diagonal(&self, offset: i64, first: isize, second: isize) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let plan = axis(first, own.rank()).and_then(|first| {
            let second = axis(second, own.rank())?;
            if first == second {
                return Err(format!("a diagonal lies in two dimensions, and {first} is given twice"));
            }
            Ok((first, second, length(&own.shape[first], &own.shape[second], offset)?))
        });
        let (first, second, length) = match plan {
            Ok(plan) => plan,
            Err(message) => return Self::failed("diagonal", &[self], message, location),
        };
        let mut collapsed = vec![first, second];
        collapsed.sort_unstable();
        let dimensions = IndexDimensions {
            offset_dims: (0..own.rank() - 2).collect(),
            collapsed_slice_dims: collapsed.clone(),
            start_index_map: vec![first, second],
            index_vector_dim: 1,
            ..IndexDimensions::default()
        };
        let places = Self::arange(length);
        let indices = Self::stack(&[&(&places + (-offset).max(0)), &(&places + offset.max(0))], 1);
        let mut slice = own.shape.to_vec();
        for axis in collapsed {
            slice[axis] = Dim::from(1_i64);
        }
        self.gather(indices, slice, &dimensions, OutOfBounds::Clamp)
    }

    /// The sum of the diagonal of each matrix, in the last two dimensions. Numeric dtypes; rank 2 or more.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).trace().to_scalar::<i32>()?, 5);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn trace(&self) -> Self {
        match matrices(self, "trace") {
            Ok(_) => self.diagonal(0, -2, -1).sum_axis(-1),
            Err(failed) => failed,
        }
    }

    /// Of a vector, the matrix with it on a diagonal, as [`Tensor::diag_embed`]; of a matrix, that diagonal. Every dtype.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1, 2]).diag(0);
    /// assert_eq!(x.to_vec::<i32>()?, [1, 0, 0, 2]);
    /// assert_eq!(x.diag(1).to_vec::<i32>()?, [0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn diag(&self, offset: i64) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        match own.rank() {
            1 => self.diag_embed(offset),
            2 => self.diagonal(offset, 0, 1),
            rank => {
                let message = format!(
                    "it takes a vector or a matrix, not a tensor of rank {rank}: see `diag_embed` and `diagonal`"
                );
                Self::failed("diag", &[self], message, location)
            }
        }
    }

    /// Square matrices with the last dimension on the diagonal at `offset`, as counted by [`Tensor::eye_with`], and zeros
    /// elsewhere: `[.., n]` becomes `[.., m, m]`, with `m = n + |offset|`. Every dtype; rank 1 or more.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([[1], [2]]).diag_embed(-1).to_vec::<i32>()?, [0, 0, 1, 0, 0, 0, 2, 0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn diag_embed(&self, offset: i64) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let Some(n) = own.shape.last() else {
            let message = "a tensor without dimensions is no diagonal: reshape it to [1]";
            return Self::failed("diag_embed", &[self], message, location);
        };
        let beyond = Dim::from(i64::try_from(offset.unsigned_abs()).unwrap_or(i64::MAX));
        let size = n + &beyond;
        let none = Dim::from(0_i64);
        let mut widths = vec![(none.clone(), none.clone()); own.rank()];
        if let Some(last) = widths.last_mut() {
            last.1 = beyond;
        }
        let zero = Self::scalar(false).cast(own.dtype);
        let padded = if offset == 0 { self.clone() } else { self.pad(&widths, &zero) };
        // The element stands in the row that it is in, or in that column.
        let spread = padded.expand_dims(if offset < 0 { -2 } else { -1 });
        distance(&size, &size).equal(offset).select(spread, &zero)
    }

    /// Each matrix, in the last two dimensions, with 0 above the diagonal at `offset`, as counted by [`Tensor::eye_with`].
    /// Every dtype; rank 2 or more.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).tril(0).to_vec::<i32>()?, [1, 0, 3, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn tril(&self, offset: i64) -> Self {
        match matrices(self, "tril") {
            Ok(distance) => distance.less_equal(offset).select(self, Self::scalar(false).cast(self.dtype())),
            Err(failed) => failed,
        }
    }

    /// Each matrix, in the last two dimensions, with 0 below the diagonal at `offset`, as counted by [`Tensor::eye_with`].
    /// Every dtype; rank 2 or more.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).triu(1).to_vec::<i32>()?, [0, 2, 0, 0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn triu(&self, offset: i64) -> Self {
        match matrices(self, "triu") {
            Ok(distance) => {
                distance.greater_equal(offset).select(self, Self::scalar(false).cast(self.dtype()))
            }
            Err(failed) => failed,
        }
    }
}

/// How far each element of a matrix lies to the right of the diagonal.
#[track_caller]
pub(super) fn distance(rows: &Dim, columns: &Dim) -> Tensor {
    let line = |size: &Dim| Tensor::iota(DType::I64, Shape::from([size.clone()]), 0);
    let (rows, columns) = (line(rows), line(columns));
    columns - rows.expand_dims(-1)
}

/// For tensors of rank 2 or more, how far each element lies to the right of the diagonal of its matrix.
#[track_caller]
fn matrices(x: &Tensor, name: &str) -> Result<Tensor, Tensor> {
    let location = Location::caller();
    let Some(TensorType { shape, .. }) = type_of(x) else { return Err(x.clone()) };
    if let [.., rows, columns] = &shape[..] {
        return Ok(distance(rows, columns));
    }
    let message = format!("a tensor of rank {} holds no matrices", shape.rank());
    Err(Tensor::failed(name, &[x], message, location))
}

/// How many elements a diagonal has.
fn length(rows: &Dim, columns: &Dim, offset: i64) -> Result<Dim, String> {
    let (down, right) = (offset.saturating_neg().max(0), offset.max(0));
    if let (Some(rows), Some(columns)) = (rows.constant(), columns.constant()) {
        return Ok(Dim::from((rows - down).min(columns - right).max(0)));
    }
    if rows == columns {
        return Ok(rows - down.max(right));
    }
    Err(format!(
        "how long the diagonal of a matrix of symbolic sizes {rows} and {columns} is cannot be told while tracing: write the \
         sizes, or the same name for both, in the signature"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(tensor: &Tensor) -> Vec<usize> {
        tensor.clone().ok().unwrap().shape().concrete().unwrap()
    }

    #[test]
    fn diagonals_are_numpys() {
        let x = Tensor::arange(24).reshape([2, 3, 4]);
        assert_eq!(shape(&x.diagonal(0, 0, 1)), [4, 2]);
        assert_eq!(x.diagonal(0, 0, 1).to_vec::<i64>().unwrap(), [0, 16, 1, 17, 2, 18, 3, 19]);
        assert_eq!(x.diagonal(-1, -1, 0).to_vec::<i64>().unwrap(), [1, 14, 5, 18, 9, 22]);
        assert_eq!(shape(&x.diagonal(9, 0, 1)), [4, 0]);
        assert_eq!(shape(&x.diagonal(-9, 0, 1)), [4, 0]);
        assert_eq!(x.trace().to_vec::<i64>().unwrap(), [15, 51]);
        assert!(x.diagonal(0, 1, -2).error().unwrap().to_string().contains("given twice"));
        assert!(x.diag(0).error().unwrap().to_string().contains("rank 3"));
        assert_eq!(shape(&Tensor::zeros([0, 0]).diagonal(0, 0, 1)), [0]);
    }

    #[test]
    fn every_dtype_has_triangles() {
        let truth = Tensor::from([[true, true], [true, true]]);
        assert_eq!(truth.triu(0).to_vec::<bool>().unwrap(), [true, true, false, true]);
        assert_eq!(truth.tril(-1).to_vec::<bool>().unwrap(), [false, false, true, false]);
        assert_eq!(shape(&Tensor::zeros([2, 0, 3]).tril(0)), [2, 0, 3]);
        assert!(Tensor::zeros([2]).tril(0).error().unwrap().to_string().contains("tril([2; f32])"));
        let x = Tensor::from([f32::NAN, f32::INFINITY]).diag(1).to_vec::<f32>().unwrap();
        assert_eq!(x.iter().filter(|x| **x == 0.0).count(), 7);
        assert_eq!(shape(&Tensor::zeros([0]).diag(-2)), [2, 2]);
        assert_eq!(Tensor::from([true]).diag(0).to_vec::<bool>().unwrap(), [true]);
        assert_eq!(shape(&Tensor::eye(0)), [0, 0]);
        assert!(Tensor::eye(-1).error().is_some());
    }
}
