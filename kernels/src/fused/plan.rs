//! What a loop does, worked out once.

use super::extent::{Area, Layout};
use super::shape::{Shape, View};
use super::step::{Slot, Step};

/// Where an output goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// The output of this number that the caller gives.
    New(usize),
    /// Over the elements of an input.
    Input(usize),
}

/// One output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) size: usize,
    pub(super) layout: Layout,
    pub(super) target: Target,
}

/// A loop, ready to be run.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) shape: Shape,
    pub(super) views: Vec<View>,
    pub(super) outputs: Vec<Written>,
    /// The most rows and columns of a block.
    pub(super) tile: (usize, usize),
    /// Steps made once, once for each range of columns, and for each block.
    pub(super) steps: [Vec<Step>; 3],
    /// The place of each register in the scratch memory, in bytes, and the size of that memory.
    pub(super) registers: Vec<usize>,
    pub(super) scratch: usize,
    /// The bytes that each input must have.
    pub(super) bytes: Vec<usize>,
    /// The inputs that are read block after block from memory, and the sizes of their elements; none where all fit a cache.
    pub(super) streams: Vec<(Slot, usize)>,
    /// A measure of the work, in bytes moved.
    pub(super) cost: usize,
}

impl Plan {
    /// All rows and columns.
    pub(super) fn whole(&self) -> Area {
        Area { row: 0, rows: self.shape.rows, column: 0, columns: self.shape.columns }
    }

    /// The numbers of blocks of an area along rows and columns.
    pub(super) fn blocks(&self, whole: Area) -> (usize, usize) {
        // Small loops are one block, and would take longer to divide than to compute.
        let parts = |size: usize, most: usize| if size <= most { 1 } else { size.div_ceil(most.max(1)) };
        let (rows, columns) = self.tile;
        (if whole.rows == 0 { 0 } else { parts(whole.rows, rows) }, parts(whole.columns, columns))
    }

    /// A block of an area. Blocks go row by row unless something is computed for each range of columns.
    pub(super) fn area(&self, whole: Area, block: usize) -> Area {
        let (down, across) = self.blocks(whole);
        let by_column = !self.steps[1].is_empty();
        let (i, j) = if block == 0 {
            (0, 0)
        } else if by_column {
            (block % down, block / down)
        } else {
            (block / across, block % across)
        };
        let (row, column) = (i * self.tile.0, j * self.tile.1);
        Area {
            row: whole.row + row,
            rows: self.tile.0.min(whole.rows - row),
            column: whole.column + column,
            columns: self.tile.1.min(whole.columns - column),
        }
    }

    /// The size of an output.
    pub(super) fn bytes_of(&self, output: &Written) -> usize {
        let columns = if output.layout == Layout::Block { self.shape.columns } else { 1 };
        self.shape.rows * columns * output.size
    }

    /// Whether blocks of an output are not contiguous in it.
    pub(super) fn is_cut(&self) -> bool {
        self.tile.0 > 1 && self.tile.1 < self.shape.columns
    }
}
