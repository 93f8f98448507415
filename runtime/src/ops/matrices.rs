//! Tensors whose last two dimensions are matrices: what the operations of linear algebra share.

use crate::graph::Constraints;
use crate::tensor::{DType, Tensor, TensorType};

/// The matrices of a tensor in row-major order.
pub(crate) struct Matrices {
    pub rows: usize,
    pub columns: usize,
    count: usize,
}

impl Matrices {
    /// Of a tensor of rank 2 or more.
    pub fn new(sizes: &[usize]) -> Self {
        let (batch, matrix) = sizes.split_at(sizes.len().saturating_sub(2));
        let (rows, columns) = (matrix.first().copied().unwrap_or(0), matrix.last().copied().unwrap_or(0));
        Self { rows, columns, count: batch.iter().product() }
    }

    /// The place of the first element of each matrix.
    pub fn starts(&self) -> impl Iterator<Item = usize> {
        let size = self.rows * self.columns;
        (0..self.count).map(move |index| index * size)
    }
}

/// The type of a tensor of square matrices, from one whose last two sizes may still differ.
pub(crate) fn square(operand: &TensorType, constraints: &mut dyn Constraints) -> Result<TensorType, String> {
    let mut shape = operand.shape.to_vec();
    let rank = shape.len();
    let [.., rows, columns] = shape.as_slice() else {
        return Err(format!("it takes square matrices, [.., n, n], not {operand}"));
    };
    let size = constraints
        .equal(rows, columns)
        .map_err(|message| format!("it takes square matrices, not {operand}: {message}"))?;
    (shape[rank - 2], shape[rank - 1]) = (size.clone(), size);
    Ok(operand.with_shape(shape))
}

/// The lower or the upper triangle of matrices, with 0 elsewhere; strictly, without the diagonal.
pub(crate) fn triangle(matrices: &Tensor, lower: bool, strictly: bool) -> Tensor {
    let shape = matrices.shape();
    let index = |axis| Tensor::iota(DType::I64, shape.clone(), axis);
    let (row, column) = if lower { (index(-2), index(-1)) } else { (index(-1), index(-2)) };
    let kept = if strictly { row.greater(column) } else { row.greater_equal(column) };
    kept.select(matrices, matrices.zeros_like())
}
