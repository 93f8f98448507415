//! What a loop is made of.

use crate::element::Kernel;
use crate::reduce::RowReducer;

/// A value for every row and column.
#[derive(Clone, Debug)]
pub enum Node {
    /// An input; the first such node is that of the first input, and so on.
    Input {
        /// The size in bytes of an element.
        size: usize,
        /// The index, in elements, of the value of the first row and column.
        offset: usize,
        /// How many elements lie between neighbours along each outer dimension; 0 repeats the element.
        strides: Vec<isize>,
        /// How many elements lie between neighbouring columns; 0 repeats the element.
        column_stride: isize,
    },
    /// A function of the values of earlier nodes at the same row and column.
    Apply {
        /// The function.
        kernel: Kernel,
        /// The indices of the nodes.
        operands: Vec<usize>,
    },
    /// The reduction of each row of an earlier node, which is the same in all columns.
    Reduce {
        /// The reduction.
        reducer: RowReducer,
        /// The index of the node.
        operand: usize,
    },
}

impl Node {
    /// An input whose elements lie one after the other in the order of the loop, of so many outer dimensions.
    pub fn contiguous(size: usize, outer: &[usize], columns: usize) -> Self {
        let mut strides = vec![0; outer.len()];
        let mut stride = columns;
        for (own, &dimension) in strides.iter_mut().zip(outer).rev() {
            *own = stride.cast_signed();
            stride = stride.saturating_mul(dimension);
        }
        Self::Input { size, offset: 0, strides, column_stride: 1 }
    }
}

/// Which node is written, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The value of the node for each row and column, row by row, into the next output.
    Full(usize),
    /// The value of the node for each row, into the next output. The node must be the same in all columns.
    Rows(usize),
    /// The value of the node for each row and column, over the elements of an input, which must be contiguous.
    InPlace {
        /// The index of the node.
        node: usize,
        /// The number of the input.
        input: usize,
    },
}

impl Output {
    pub(super) fn node(self) -> usize {
        match self {
            Self::Full(node) | Self::Rows(node) | Self::InPlace { node, .. } => node,
        }
    }
}

/// The bytes of an input.
#[derive(Debug)]
pub enum Source<'a> {
    /// Bytes that are only read.
    Shared(&'a [u8]),
    /// Bytes that an [`Output::InPlace`] may write.
    Exclusive(&'a mut [u8]),
}

impl Source<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Shared(bytes) => bytes.len(),
            Self::Exclusive(bytes) => bytes.len(),
        }
    }
}
