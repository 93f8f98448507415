//! A right operand that is packed once and used many times.

#![expect(unsafe_code)]

use super::area::block_of;
use super::operands::{Matrix, Unfit};
use super::pack::Source;
use super::tile::lanes;
use crate::buffer::Buffer;

/// A right operand in the order in which products read it: weights are packed once, when they are loaded.
///
/// It holds for the machine it was made on, and is not to be stored.
#[derive(Clone)]
pub struct PackedRight {
    pub(super) panels: Buffer,
    pub(super) width: usize,
    pub(super) batch: usize,
    pub(super) depth: usize,
    pub(super) columns: usize,
}

impl PackedRight {
    /// Packs a `depth` x `columns` matrix.
    ///
    /// # Errors
    /// If the matrix has fewer elements than that.
    pub fn new(matrix: Matrix, depth: usize, columns: usize) -> Result<Self, Unfit> {
        Self::of_batch(matrix, 1, depth, columns)
    }

    /// Packs `batch` matrices of `depth` x `columns`, as far apart as the batch stride says.
    ///
    /// # Errors
    /// If the matrix has fewer elements than that.
    pub fn of_batch(matrix: Matrix, batch: usize, depth: usize, columns: usize) -> Result<Self, Unfit> {
        if !matrix.holds(batch, depth, columns) {
            return Err(Unfit("the right operand has fewer elements than its sizes and strides say"));
        }
        let width = 2 * lanes();
        let of_one = columns.div_ceil(width) * width * depth;
        let mut panels = Buffer::zeros(of_one * batch);
        if of_one > 0 {
            for (index, panels) in panels.elements_mut().chunks_exact_mut(of_one).take(batch).enumerate() {
                let first = matrix.data.as_ptr().wrapping_add(index * matrix.batch_stride);
                let (of_step, of_block) = (of_one / depth, block_of(depth));
                for (block, panels) in panels.chunks_mut(of_step * of_block).enumerate() {
                    let source = Source {
                        first: first.wrapping_add(block * of_block * matrix.row_stride),
                        row_stride: matrix.row_stride,
                        column_stride: matrix.column_stride,
                        depth: panels.len() / of_step,
                        columns,
                    };
                    // SAFETY: the matrix holds the batch.
                    unsafe { source.pack(width, panels) };
                }
            }
        }
        Ok(Self { panels, width, batch, depth, columns })
    }

    /// The steps of depth: rows of the matrix.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The columns of the matrix.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many bytes it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.panels.elements())
    }
}

impl std::fmt::Debug for PackedRight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackedRight({} x {} x {})", self.batch, self.depth, self.columns)
    }
}
