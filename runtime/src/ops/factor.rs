//! Products of matrices for the reference kernels.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

use super::number::Number;
use crate::error::Result;
use crate::graph::check_failed;
use crate::tensor::{DType, Element};

/// A number of one of the types in which matrices are multiplied.
pub(super) trait Factor: Element {
    /// Puts the product of two matrices in the place of a matrix of zeros.
    fn product(left: ArrayView2<Self>, right: ArrayView2<Self>, result: ArrayViewMut2<Self>);
}

/// The type in which matrices with elements of a dtype are multiplied: integers that wrap at 64 bits first are the same.
pub(super) fn computed_in(dtype: DType) -> DType {
    match dtype {
        DType::F64 => DType::F64,
        dtype if dtype.is_float() => DType::F32,
        _ => DType::I64,
    }
}

macro_rules! floats {
    ($($type:ty),*) => {$(
        impl Factor for $type {
            fn product(left: ArrayView2<Self>, right: ArrayView2<Self>, mut result: ArrayViewMut2<Self>) {
                general_mat_mul(1.0, &left, &right, 0.0, &mut result);
            }
        }
    )*};
}

floats!(f32, f64);

impl Factor for i64 {
    fn product(left: ArrayView2<Self>, right: ArrayView2<Self>, mut result: ArrayViewMut2<Self>) {
        for (row, mut sums) in left.rows().into_iter().zip(result.rows_mut()) {
            for (&factor, factors) in row.iter().zip(right.rows()) {
                sums.zip_mut_with(&factors, |sum, &other| *sum = sum.add(factor.multiply(other)));
            }
        }
    }
}

/// Elements in row-major order as a matrix.
pub(super) fn matrix<T>(elements: &[T], rows: usize, columns: usize) -> Result<ArrayView2<'_, T>> {
    ArrayView2::from_shape((rows, columns), elements).map_err(|error| check_failed(error.to_string()))
}

/// As [`matrix`], to be changed.
pub(super) fn matrix_mut<T>(elements: &mut [T], rows: usize, columns: usize) -> Result<ArrayViewMut2<'_, T>> {
    ArrayViewMut2::from_shape((rows, columns), elements).map_err(|error| check_failed(error.to_string()))
}
