//! The right operand in the order in which tiles read it: panels of two vectors of columns, each of the whole depth.

#![expect(unsafe_code)]

use rten_simd::ops::BitOps;
use rten_simd::{Isa, SimdOp};

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

/// Copies a block into panels: columns `p * width ..` of all steps of depth are panel `p`, a row of `width` elements for each
/// step; columns that do not exist are 0.
struct Pack<'a> {
    source: Source,
    panels: &'a mut [f32],
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
        let (Some(panels), true) = (panels.get_mut(..self.packed_length(width)), self.depth > 0) else {
            return;
        };
        crate::simd::run(Pack { source: self, panels });
    }
}

impl SimdOp for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let Self { source, panels } = self;
        let width = 2 * isa.f32().len();
        for (index, panel) in panels.chunks_exact_mut(width * source.depth).enumerate() {
            let columns = (source.columns - index * width).min(width);
            // SAFETY: the caller of `Source::pack` vouches for the block, of which this panel is a part.
            unsafe {
                let first = source.first.add(index * width * source.column_stride);
                if source.column_stride == 1 {
                    copy_rows(isa, first, source.row_stride, columns, panel);
                } else if source.row_stride == 1 {
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

/// A panel whose rows lie as they should.
#[inline(always)]
unsafe fn copy_rows<I: Isa>(isa: I, first: *const f32, stride: usize, columns: usize, panel: &mut [f32]) {
    let ops = isa.f32();
    let lanes = ops.len();
    let full = columns == 2 * lanes;
    let masks = [
        super::tile::first_lanes(isa, columns.min(lanes)),
        super::tile::first_lanes(isa, columns.saturating_sub(lanes)),
    ];
    for (step, row) in panel.chunks_exact_mut(2 * lanes).enumerate() {
        let from = first.wrapping_add(step * stride);
        // SAFETY: the caller vouches for the columns of each row; a masked load reads those only.
        unsafe {
            let (low, high) = if full {
                (ops.load_ptr(from), ops.load_ptr(from.add(lanes)))
            } else {
                (ops.load_ptr_mask(from, masks[0]), ops.load_ptr_mask(from.wrapping_add(lanes), masks[1]))
            };
            ops.store_ptr(low, row.as_mut_ptr());
            ops.store_ptr(high, row.as_mut_ptr().add(lanes));
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
