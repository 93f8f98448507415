//! Products with few columns: a row of the result is part of one vector, so that tiles of many rows need no lists of where rows lie.

#![expect(unsafe_code)]

use std::ops::Range;

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use super::area::{Area, MOST_DEPTH, RightAt};
use super::tile::{first_lanes, lanes};

/// An area with no more columns than a vector has lanes.
#[derive(Clone, Copy)]
pub(crate) struct Narrow {
    area: Area,
    /// Its columns lie next to each other.
    right: *const f32,
    /// From one step of depth to the next.
    right_stride: usize,
}

impl Narrow {
    /// An area of few columns, if it is one whose parts stay in the first cache.
    pub fn of(area: Area) -> Option<Self> {
        let (right, right_stride) = match area.right {
            RightAt::Plain { first, row_stride, column_stride }
                if column_stride == 1 || area.columns == 1 =>
            {
                (first, row_stride)
            }
            RightAt::Plain { .. } => return None,
            // All steps of depth are one block.
            RightAt::Panels { first, column, .. } => (first.wrapping_add(column * area.depth), 2 * lanes()),
        };
        let in_line = area.left_column == 1 || area.left_row == 1 || area.depth == 1;
        let fits = in_line && area.columns <= lanes() && area.depth <= MOST_DEPTH;
        fits.then_some(Self { area, right, right_stride })
    }

    /// Some of the rows.
    pub fn part(self, rows: Range<usize>) -> Self {
        let left = self.area.left.wrapping_add(rows.start * self.area.left_row);
        let out = self.area.out.wrapping_add(rows.start * self.area.out_row);
        Self { area: Area { left, out, rows: rows.len(), ..self.area }, ..self }
    }

    /// Computes the rows.
    ///
    /// # Safety
    /// All elements that the sizes and strides lead to are readable, and those of `out` writable by this thread alone.
    pub unsafe fn compute(self) {
        crate::simd::run(Tiles(self));
    }
}

struct Tiles(Narrow);

impl SimdOp for Tiles {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (all, area) = (self.0, self.0.area);
        let mut row = 0;
        // SAFETY: the caller of `Narrow::compute` vouches for all elements; tiles are within the rows.
        unsafe {
            // So many sums, and what is added to them, fit into the registers.
            if isa.f32().len() >= 16 {
                while row + 16 <= area.rows {
                    tile::<I, 16>(isa, &all, row);
                    row += 16;
                }
            }
            while row + 8 <= area.rows {
                tile::<I, 8>(isa, &all, row);
                row += 8;
            }
            // Rows that are computed twice take no longer, and get the same bits unless they are added to.
            if row < area.rows && area.fresh && area.rows >= 8 {
                tile::<I, 8>(isa, &all, area.rows - 8);
                return;
            }
            if row + 4 <= area.rows {
                tile::<I, 4>(isa, &all, row);
                row += 4;
            }
            if row < area.rows && area.fresh && area.rows >= 4 {
                tile::<I, 4>(isa, &all, area.rows - 4);
                return;
            }
            while row < area.rows {
                tile::<I, 1>(isa, &all, row);
                row += 1;
            }
        }
    }
}

/// Computes `R` rows, from a row on.
#[inline(always)]
unsafe fn tile<I: Isa, const R: usize>(isa: I, all: &Narrow, first: usize) {
    let (ops, area) = (isa.f32(), &all.area);
    let mask = first_lanes(isa, area.columns);
    let mut sums = [ops.zero(); R];
    let out = area.out.wrapping_add(first * area.out_row);
    let left = area.left.wrapping_add(first * area.left_row);
    // SAFETY: the caller vouches for all elements; masked accesses touch the columns that there are.
    unsafe {
        if !area.fresh {
            let mut from = out;
            for sum in &mut sums {
                *sum = ops.load_ptr_mask(from, mask);
                from = from.wrapping_add(area.out_row);
            }
        }
        let mut right = all.right;
        if area.left_row == 1 {
            let mut left = left;
            for _ in 0..area.depth {
                step(isa, &mut sums, |row| left.add(row), right, mask);
                left = left.wrapping_add(area.left_column);
                right = right.wrapping_add(all.right_stride);
            }
        } else {
            let mut rows = [left; R];
            for row in 1..R {
                rows[row] = rows[row - 1].wrapping_add(area.left_row);
            }
            let mut at = 0;
            // Four steps at a time keep the places of rows in registers.
            while at + 4 <= area.depth {
                for _ in 0..4 {
                    step(isa, &mut sums, |row| rows[row].add(at), right, mask);
                    right = right.wrapping_add(all.right_stride);
                    at += 1;
                }
            }
            while at < area.depth {
                step(isa, &mut sums, |row| rows[row].add(at), right, mask);
                right = right.wrapping_add(all.right_stride);
                at += 1;
            }
        }
        let mut to = out;
        for sum in sums {
            ops.store_ptr_mask(sum, to, mask);
            to = to.wrapping_add(area.out_row);
        }
    }
}

/// One step of depth for the whole tile.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "a loop of constant length over an array that lives in registers"
)]
unsafe fn step<I: Isa, const R: usize>(
    isa: I,
    sums: &mut [I::F32; R],
    left: impl Fn(usize) -> *const f32,
    right: *const f32,
    mask: I::M32,
) {
    let ops = isa.f32();
    // SAFETY: the caller vouches for all elements.
    unsafe {
        let vector = ops.load_ptr_mask(right, mask);
        for row in 0..R {
            sums[row] = ops.mul_add(ops.splat(*left(row)), vector, sums[row]);
        }
    }
}
