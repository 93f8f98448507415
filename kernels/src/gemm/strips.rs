//! All columns of some rows of a result, strip by strip.

#![expect(unsafe_code)]

use super::tile::{LINE, Left, Soon, Strip, lanes, most_rows};

/// So many steps of depth before they are needed, elements of right are fetched into the first cache, for a single row, which reads
/// several panels at once; for more rows the machine's own guesses are better, so that only the next step is fetched.
const AHEAD_OF_ROW: usize = 16;

/// The right operand of strips.
#[derive(Clone, Copy)]
pub(crate) enum RightRows {
    /// Panels as wide as two vectors, one behind the other.
    Panels(*const f32),
    /// Rows where they lie, of whole panels of columns.
    InPlace { first: *const f32, stride: usize },
}

/// Rows of a result, or as much of their sums as `depth` steps give.
#[derive(Clone, Copy)]
pub(crate) struct Strips<'a> {
    pub left: Left<'a>,
    pub out: &'a [*mut f32],
    pub depth: usize,
    pub right: RightRows,
    pub columns: usize,
    /// Whether sums start from 0, not from what is there.
    pub fresh: bool,
}

impl Strips<'_> {
    /// Computes the rows.
    ///
    /// # Safety
    /// For every row: the elements of left that the runs, or the panel, lead to are readable; `right` has whole panels at every
    /// step of depth; the columns are writable, by this thread alone.
    pub unsafe fn compute(self) {
        let rows = self.out.len();
        if rows == 0 {
            return;
        }
        let lanes = lanes();
        let width = 2 * lanes;
        let (first, right_stride, panel_stride, in_place) = match self.right {
            RightRows::InPlace { first, stride } => (first, stride, width, true),
            RightRows::Panels(first) => (first, width, self.depth * width, false),
        };
        // Tiles of about the same number of rows.
        let groups = rows.div_ceil(most_rows(lanes));
        let (few, more) = (rows / groups, rows % groups);
        let split = more * (few + 1);
        let vectors = if rows == 1 { 8 } else { 2 };
        let of_tile = panel_stride / groups;
        // The steps of depth are taken four at a time.
        let lines = (4 * width / LINE).div_ceil(groups);
        let mut column = 0;
        while column < self.columns {
            let rest = self.columns - column;
            let vectors = match rest {
                _ if rest >= vectors * lanes => vectors,
                _ if rest > lanes => 2,
                _ => 1,
            };
            let columns = rest.min(vectors * lanes);
            for (range, size) in [(0..split, few + 1), (split..rows, few)] {
                if range.is_empty() {
                    continue;
                }
                let left = match self.left {
                    Left::Panel { first, stride, depth } => {
                        Left::Panel { first: first.wrapping_add(range.start), stride, depth }
                    }
                    Left::Rows { rows, runs, step } => Left::Rows { rows: &rows[range.clone()], runs, step },
                };
                let ahead = if in_place {
                    columns
                } else if vectors > 2 {
                    AHEAD_OF_ROW * width
                } else {
                    width
                };
                // The last tile of the strip fetches the panel of the next one.
                let is_last = range.end == rows && rows > 1 && !in_place;
                let right = first.wrapping_add(column / width * panel_stride);
                let soon = (!in_place && rows > 1).then(|| Soon {
                    first: right.wrapping_add(panel_stride + range.start.div_ceil(few + 1) * of_tile),
                    of_tile,
                    lines,
                });
                let strip = Strip {
                    left,
                    right,
                    right_stride,
                    pair_stride: panel_stride,
                    ahead,
                    next: if is_last { panel_stride } else { ahead },
                    soon,
                    out: &self.out[range],
                    column,
                    columns,
                    fresh: self.fresh,
                };
                // SAFETY: the caller vouches for all of it.
                unsafe { strip.compute(size, vectors, lanes) };
            }
            column += columns;
        }
    }
}
