//! A part of a product that one thread computes, block by block.

#![expect(unsafe_code)]

use std::ops::Range;

use super::narrow::Narrow;
use super::pack::Source;
use super::strips::{RightRows, Strips};
use super::thin::Thin;
use super::tile::{LINE, Left, Run, lanes};
use crate::buffer::thread_buffer;

/// The most steps of depth whose part of a panel stays in the first cache.
pub(super) const MOST_DEPTH: usize = 320;
/// The same for a right operand that is read where it lies: so many rows of it are read side by side.
const DEPTH_IN_PLACE: usize = 32;
/// Rows of left that stay in the second cache.
pub(super) const ROWS: usize = 144;
/// About so many elements of short rows are finished at once: fewer take no longer than the call that finishes them.
const FINISHED: usize = 1 << 12;
/// Steps of depth that are so far apart in left are copied next to each other.
const FAR: usize = 128;
/// So many runs of left before they are copied, they are fetched: the machine does not guess short runs that lie far apart.
const AHEAD: usize = 4;
/// Panels of so many elements stay in the second cache while block after block of rows is computed.
const NEAR: usize = 1 << 18;
/// Columns of a packed block of right, which stays in the second or third cache.
const COLUMNS: usize = 1024;
/// For so few rows, packing the right operand costs more than it gives.
pub(crate) const ROWS_IN_PLACE: usize = 16;

/// How many steps of depth are a block: all blocks have the same, but for the last, which may have fewer. (A block of few steps would
/// read and write the result for little.)
pub(crate) const fn block_of(depth: usize) -> usize {
    let blocks = depth.div_ceil(MOST_DEPTH);
    if blocks == 0 { MOST_DEPTH } else { depth.div_ceil(blocks).next_multiple_of(4) }
}

thread_buffer!(with_left);
thread_buffer!(with_right);

/// The right operand of an area.
#[derive(Clone, Copy)]
pub(crate) enum RightAt {
    Plain {
        first: *const f32,
        row_stride: usize,
        column_stride: usize,
    },
    /// Blocks of [`block_of`] steps, in each of them panels as wide as two vectors; and the first column meant.
    Panels {
        first: *const f32,
        /// The columns of all panels together.
        padded: usize,
        column: usize,
    },
}

/// Rows and columns of a product.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub left: *const f32,
    pub left_row: usize,
    pub left_column: usize,
    pub right: RightAt,
    pub out: *mut f32,
    pub out_row: usize,
    pub rows: usize,
    pub depth: usize,
    pub columns: usize,
    /// Whether sums start from 0, not from what is there.
    pub fresh: bool,
}

impl Area {
    /// Computes the area, and calls `finished` with each range of rows, in order, when it is done.
    ///
    /// # Safety
    /// All elements that the sizes and strides lead to are readable, and those of `out` writable by this thread alone.
    pub unsafe fn compute(self, finished: &mut dyn FnMut(Range<usize>)) {
        // SAFETY: in this function, the caller's word.
        unsafe {
            if self.rows == 0 || self.columns == 0 {
                return;
            }
            if self.depth == 0 {
                if self.fresh {
                    for row in 0..self.rows {
                        std::slice::from_raw_parts_mut(self.out.add(row * self.out_row), self.columns)
                            .fill(0.0);
                    }
                }
                return finished(0..self.rows);
            }
            if let Some((thin, rows)) = Thin::of(&self) {
                thin.compute(rows);
                return finished(0..self.rows);
            }
            if let Some(narrow) = Narrow::of(self) {
                let most = ROWS.max(FINISHED / self.columns);
                for start in (0..self.rows).step_by(most) {
                    let rows = start..self.rows.min(start + most);
                    narrow.part(rows.clone()).compute();
                    finished(rows);
                }
                return;
            }
            match self.right {
                RightAt::Panels { .. } => {
                    let block = block_of(self.depth);
                    for start in (0..self.rows).step_by(ROWS) {
                        let rows = start..self.rows.min(start + ROWS);
                        for at in (0..self.depth).step_by(block) {
                            let depth = block.min(self.depth - at);
                            self.part(rows.clone(), at, depth, 0, self.columns).block();
                        }
                        finished(rows);
                    }
                }
                RightAt::Plain { .. } => self.compute_plain(finished),
            }
        }
    }

    unsafe fn compute_plain(self, finished: &mut dyn FnMut(Range<usize>)) {
        let RightAt::Plain { row_stride, column_stride, .. } = self.right else { return };
        let width = 2 * lanes();
        let in_place = self.rows <= ROWS_IN_PLACE && column_stride == 1;
        // SAFETY: in this function, the word of the caller of `compute`.
        if in_place && self.columns >= width {
            unsafe {
                let whole = self.columns / width * width;
                for at in (0..self.depth).step_by(DEPTH_IN_PLACE) {
                    let depth = DEPTH_IN_PLACE.min(self.depth - at);
                    self.part(0..self.rows, at, depth, 0, whole).block();
                }
                if whole < self.columns {
                    self.part(0..self.rows, 0, self.depth, whole, self.columns - whole).compute(&mut |_| ());
                }
            }
            return finished(0..self.rows);
        }
        let block = block_of(self.depth);
        let padded = self.columns.next_multiple_of(width);
        // Sums of a block of rows stay at hand if all steps of depth are packed at once.
        if self.depth > block && self.rows > ROWS && padded * self.depth <= NEAR {
            return with_right(|buffer| {
                let panels = &mut buffer.at_least(padded * self.depth)[..padded * self.depth];
                // SAFETY: in this block, the word of the caller of `compute`.
                unsafe {
                    self.pack(panels);
                    let right = RightAt::Panels { first: panels.as_ptr(), padded, column: 0 };
                    Self { right, ..self }.compute(finished);
                }
            });
        }
        with_right(|buffer| {
            for column in (0..self.columns).step_by(COLUMNS) {
                let columns = COLUMNS.min(self.columns - column);
                for at in (0..self.depth).step_by(block) {
                    let depth = block.min(self.depth - at);
                    let part = unsafe { self.part(0..self.rows, at, depth, column, columns) };
                    let RightAt::Plain { first, .. } = part.right else { return };
                    let source = Source { first, row_stride, column_stride, depth, columns };
                    let panels = buffer.at_least(source.packed_length(width));
                    unsafe { source.pack(width, panels) };
                    let last = column + columns == self.columns && at + depth == self.depth;
                    let right = RightAt::Panels { first: panels.as_ptr(), padded: 0, column: 0 };
                    for start in (0..self.rows).step_by(ROWS) {
                        let rows = start..self.rows.min(start + ROWS);
                        unsafe { Self { right, ..part }.part(rows.clone(), 0, depth, 0, columns).block() };
                        if last {
                            finished(rows);
                        }
                    }
                }
            }
        });
    }

    /// Packs all of a right operand that is not packed, block of depth after block of depth.
    ///
    /// # Safety
    /// The elements of right are readable.
    pub(super) unsafe fn pack(&self, panels: &mut [f32]) {
        let RightAt::Plain { first, row_stride, column_stride } = self.right else { return };
        let width = 2 * lanes();
        let (block, padded) = (block_of(self.depth), self.columns.next_multiple_of(width));
        for (at, panels) in (0..self.depth).step_by(block).zip(panels.chunks_mut(padded * block)) {
            let first = first.wrapping_add(at * row_stride);
            let depth = block.min(self.depth - at);
            let source = Source { first, row_stride, column_stride, depth, columns: self.columns };
            // SAFETY: the caller's word.
            unsafe { source.pack(width, panels) };
        }
    }

    /// Some rows, steps of depth and columns; the first column is one at which a panel begins.
    unsafe fn part(
        &self,
        rows: Range<usize>,
        at: usize,
        depth: usize,
        column: usize,
        columns: usize,
    ) -> Self {
        // SAFETY: the part lies within the area.
        unsafe {
            Self {
                left: self.left.add(rows.start * self.left_row + at * self.left_column),
                right: match self.right {
                    RightAt::Plain { first, row_stride, column_stride } => RightAt::Plain {
                        first: first.add(at * row_stride + column * column_stride),
                        row_stride,
                        column_stride,
                    },
                    RightAt::Panels { first, padded, column: start } => {
                        RightAt::Panels { first: first.add(at * padded), padded, column: start + column }
                    }
                },
                out: self.out.add(rows.start * self.out_row + column),
                rows: rows.len(),
                depth,
                columns,
                fresh: self.fresh && at == 0,
                ..*self
            }
        }
    }

    /// Computes at most [`ROWS`] rows: tile by tile.
    unsafe fn block(self) {
        // SAFETY: in this function, the word of the caller of `compute`; copies hold what they are copies of.
        unsafe {
            if self.left_row == 1 && self.left_column != 1 {
                if self.left_column < FAR || self.columns <= 64 {
                    return self.strips(Some((self.left, self.left_column)));
                }
                return with_left(|buffer| {
                    let stride = self.rows.next_multiple_of(16) + 16;
                    let copy = buffer.at_least(self.depth * stride);
                    for (at, copy) in copy.chunks_exact_mut(stride).take(self.depth).enumerate() {
                        let from = self.left.add(at * self.left_column);
                        fetch(from.wrapping_add(AHEAD * self.left_column), self.rows);
                        copy[..self.rows].copy_from_slice(std::slice::from_raw_parts(from, self.rows));
                    }
                    self.strips(Some((copy.as_ptr(), stride)));
                });
            }
            let contiguous = self.left_column == 1 || self.depth == 1;
            if contiguous && (!self.left_row.is_multiple_of(512) || self.columns <= 64) {
                return self.strips(None);
            }
            with_left(|buffer| {
                // Rows that begin in different sets of the first cache.
                let stride = self.depth.next_multiple_of(16) + 16;
                let copy = buffer.at_least(self.rows * stride);
                for (row, copy) in copy.chunks_exact_mut(stride).take(self.rows).enumerate() {
                    let from = self.left.add(row * self.left_row);
                    if contiguous {
                        fetch(from.wrapping_add(AHEAD * self.left_row), self.depth);
                        copy[..self.depth].copy_from_slice(std::slice::from_raw_parts(from, self.depth));
                    } else {
                        for (at, to) in copy[..self.depth].iter_mut().enumerate() {
                            *to = *from.add(at * self.left_column);
                        }
                    }
                }
                Self { left: copy.as_ptr(), left_row: stride, left_column: 1, ..self }.strips(None);
            });
        }
    }

    /// Computes all strips; `panel` says where left is and how far apart steps of depth are, if rows are next to each other.
    unsafe fn strips(self, panel: Option<(*const f32, usize)>) {
        // SAFETY: the word of the caller of `compute`.
        unsafe { if self.rows <= 12 { self.strips_of::<12>(panel) } else { self.strips_of::<ROWS>(panel) } }
    }

    unsafe fn strips_of<const MOST: usize>(self, panel: Option<(*const f32, usize)>) {
        let (mut left, mut out) = ([std::ptr::null(); MOST], [std::ptr::null_mut(); MOST]);
        for (row, (left, out)) in left.iter_mut().zip(&mut out).take(self.rows).enumerate() {
            *left = self.left.wrapping_add(row * self.left_row);
            *out = self.out.wrapping_add(row * self.out_row);
        }
        let runs = [Run { start: 0, length: self.depth }];
        let strips = Strips {
            left: match panel {
                Some((first, stride)) => Left::Panel { first, stride, depth: self.depth },
                None => Left::Rows { rows: &left[..self.rows], runs: &runs, step: 1 },
            },
            out: &out[..self.rows],
            depth: self.depth,
            right: match self.right {
                RightAt::Plain { first, row_stride, .. } => RightRows::InPlace { first, stride: row_stride },
                RightAt::Panels { first, column, .. } => {
                    RightRows::Panels(first.wrapping_add(column * self.depth))
                }
            },
            columns: self.columns,
            fresh: self.fresh,
        };
        // SAFETY: the word of the caller of `compute`.
        unsafe { strips.compute() };
    }
}

/// Fetches so many elements into the second cache.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn fetch(first: *const f32, length: usize) {
    use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
    for at in (0..length).step_by(LINE) {
        // SAFETY: every x86-64 has the instruction, which reads nothing that a program could see, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(first.wrapping_add(at).cast()) };
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn fetch(_: *const f32, _: usize) {}
