//! The right operand in the order in which tiles read it: panels of two vectors of columns, each of the whole depth.

#![expect(unsafe_code)]

use rten_simd::ops::BitOps;
use rten_simd::{Isa, SimdOp};

use super::tile::first_lanes;
use super::transpose::transpose;

/// A block of the right operand to be packed.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    /// The element at the first step of depth and the first column.
    pub first: *const f32,
    pub row_stride: usize,
    pub column_stride: usize,
    pub depth: usize,
    pub columns: usize,
}

/// Copies a block into panels: columns `p * width ..` of all steps of depth go to panel `p`, a row of `width` elements for each
/// step; columns that do not exist are 0.
struct Pack<'a> {
    source: Source,
    panels: &'a mut [f32],
    /// The steps of depth of a panel, and the first of them that is written.
    depth: usize,
    at: usize,
}

impl Source {
    /// How many elements the panels have.
    pub fn packed_length(&self, width: usize) -> usize {
        self.columns.div_ceil(width) * width * self.depth
    }

    /// Copies the block into panels of `width` columns.
    ///
    /// # Safety
    /// The elements of the block are readable.
    pub unsafe fn pack(self, width: usize, panels: &mut [f32]) {
        // SAFETY: the caller's word.
        unsafe { self.pack_part(width, panels, self.depth, 0) };
    }

    /// Copies the block into steps `at ..` of panels that have `depth` steps.
    ///
    /// # Safety
    /// The elements of the block are readable.
    pub unsafe fn pack_part(self, width: usize, panels: &mut [f32], depth: usize, at: usize) {
        let length = self.columns.div_ceil(width) * width * depth;
        let (Some(panels), true) = (panels.get_mut(..length), self.depth > 0) else { return };
        crate::simd::run(Pack { source: self, panels, depth, at });
    }
}

impl SimdOp for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let Self { source, panels, depth, at } = self;
        let width = 2 * isa.f32().len();
        let of_panel = width * depth;
        if source.column_stride == 1 {
            for (index, panels) in panels.chunks_mut(TOGETHER * of_panel).enumerate() {
                let first = source.first.wrapping_add(index * TOGETHER * width);
                let columns = source.columns - index * TOGETHER * width;
                // SAFETY: the caller of `Source::pack` vouches for the block, of which these panels are a part.
                unsafe { copy_rows(isa, first, &source, columns, panels, [depth, at]) };
            }
            return;
        }
        for (index, panel) in panels.chunks_exact_mut(of_panel).enumerate() {
            let columns = (source.columns - index * width).min(width);
            let panel = &mut panel[at * width..][..source.depth * width];
            // SAFETY: as above.
            unsafe {
                let first = source.first.add(index * width * source.column_stride);
                if source.row_stride == 1 {
                    copy_columns(isa, first, source.column_stride, columns, source.depth, panel);
                } else {
                    for (step, row) in panel.chunks_exact_mut(width).enumerate() {
                        for (column, to) in row.iter_mut().enumerate() {
                            *to = if column < columns {
                                *first.add(step * source.row_stride + column * source.column_stride)
                            } else {
                                0.0
                            };
                        }
                    }
                }
            }
        }
    }
}

/// So many panels are filled at a time, so that more of a row is read at once.
const TOGETHER: usize = 4;
/// So many rows before they are copied, they are fetched: each may lie on another page, which the machine does not guess.
const AHEAD: usize = 4;

/// Panels whose rows lie as they should; those of `columns` that there is room for.
#[inline(always)]
unsafe fn copy_rows<I: Isa>(
    isa: I,
    first: *const f32,
    source: &Source,
    columns: usize,
    panels: &mut [f32],
    [depth, at]: [usize; 2],
) {
    let ops = isa.f32();
    let lanes = ops.len();
    let width = 2 * lanes;
    let stride = source.row_stride;
    for step in 0..source.depth {
        for (index, panel) in panels.chunks_exact_mut(depth * width).enumerate() {
            let from = first.wrapping_add(step * stride + index * width);
            let to = panel[(at + step) * width..][..width].as_mut_ptr();
            let columns = columns - index * width;
            // SAFETY: the caller vouches for the columns of each row; a masked load reads those only.
            unsafe {
                let soon = from.wrapping_add(AHEAD * stride);
                ops.prefetch(soon);
                ops.prefetch(soon.wrapping_add(lanes));
                let (low, high) = if columns >= width {
                    (ops.load_ptr(from), ops.load_ptr(from.add(lanes)))
                } else {
                    let masks =
                        [columns.min(lanes), columns.saturating_sub(lanes)].map(|n| first_lanes(isa, n));
                    (ops.load_ptr_mask(from, masks[0]), ops.load_ptr_mask(from.wrapping_add(lanes), masks[1]))
                };
                ops.store_ptr(low, to);
                ops.store_ptr(high, to.add(lanes));
            }
        }
    }
}

/// A panel whose columns lie where its rows should.
#[inline(always)]
unsafe fn copy_columns<I: Isa>(
    isa: I,
    first: *const f32,
    stride: usize,
    columns: usize,
    depth: usize,
    panel: &mut [f32],
) {
    let lanes = isa.f32().len();
    let width = 2 * lanes;
    for half in 0..2 {
        let columns = columns.saturating_sub(half * lanes).min(lanes);
        let from = first.wrapping_add(half * lanes * stride);
        let blocks = if columns == lanes { depth / lanes } else { 0 };
        for block in 0..blocks {
            let to = panel[block * lanes * width + half * lanes..].as_mut_ptr();
            // SAFETY: a whole block of the source, by the word of the caller; the panel has rows of `width` elements.
            unsafe { transpose(isa, from.add(block * lanes), stride, to, width) };
        }
        for step in blocks * lanes..depth {
            let row = &mut panel[step * width + half * lanes..][..lanes];
            for (column, to) in row.iter_mut().enumerate() {
                // SAFETY: a column and a step of the source.
                *to = if column < columns { unsafe { *from.add(column * stride + step) } } else { 0.0 };
            }
        }
    }
}
