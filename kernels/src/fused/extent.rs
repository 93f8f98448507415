//! Along what a value varies, and how it lies in a register.

use crate::element::STRIP;

/// Along what a value varies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) row: bool,
    pub(super) column: bool,
}

impl Extent {
    /// The extent of a function of values of both.
    pub(super) fn or(self, other: Self) -> Self {
        Self { row: self.row || other.row, column: self.column || other.column }
    }

    /// How values of this extent lie in a register without repetition.
    pub(super) fn layout(self) -> Layout {
        match (self.row, self.column) {
            (false, false) => Layout::One,
            (true, false) => Layout::Rows,
            (false, true) => Layout::Line,
            (true, true) => Layout::Block,
        }
    }
}

/// Which elements of a block a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// One for all.
    One,
    /// One a row.
    Rows,
    /// One a column.
    Line,
    /// One a row and column, row by row.
    Block,
    /// One, as often as kernels ask for.
    Strip,
}

/// A part of the loop: some rows, and of each the same columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) row: usize,
    pub(super) rows: usize,
    pub(super) column: usize,
    pub(super) columns: usize,
}

impl Area {
    /// The number of elements of a register for the area.
    #[inline]
    pub(super) fn count(&self, layout: Layout) -> usize {
        match layout {
            Layout::One => 1,
            Layout::Rows => self.rows,
            Layout::Line => self.columns,
            Layout::Block => self.rows * self.columns,
            Layout::Strip => STRIP,
        }
    }
}
