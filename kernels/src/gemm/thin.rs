//! Products with few rows, straight from a right operand that is not packed: a pass over it at the speed of memory.

#![expect(unsafe_code)]

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use super::area::{Area, RightAt};
use super::tile::{first_lanes, lanes};
use super::transpose::transpose;

/// The most rows that are computed in this way.
pub(crate) const MOST: usize = 4;

/// Some rows and columns of a product; rows of `left` and `out` have strides, and so has either dimension of `right`.
#[derive(Clone, Copy)]
pub(crate) struct Thin {
    pub left: *const f32,
    pub left_row: usize,
    pub left_column: usize,
    pub right: *const f32,
    /// From one step of depth to the next if `by_rows`, from one column to the next if not; the other stride is 1.
    pub right_stride: usize,
    pub by_rows: bool,
    pub out: *mut f32,
    pub out_row: usize,
    pub depth: usize,
    pub columns: usize,
    pub fresh: bool,
}

impl Thin {
    /// An area that is computed in one pass over its right operand, if that is the way, and the number of rows.
    pub fn of(area: &Area) -> Option<(Self, usize)> {
        let (first, row_stride, column_stride) = match area.right {
            RightAt::Plain { first, row_stride, column_stride } => (first, row_stride, column_stride),
            // The only panel is as good as a column with a stride.
            RightAt::Panels { first, padded, column } if area.columns == 1 && padded == 2 * lanes() => {
                (first.wrapping_add(column), padded, 1)
            }
            RightAt::Panels { .. } => return None,
        };
        let base = Self {
            left: area.left,
            left_row: area.left_row,
            left_column: area.left_column,
            right: first,
            right_stride: row_stride,
            by_rows: true,
            out: area.out,
            out_row: area.out_row,
            depth: area.depth,
            columns: area.columns,
            fresh: area.fresh,
        };
        if area.rows <= MOST && (column_stride == 1 || area.columns == 1) {
            return Some((base, area.rows));
        }
        if area.rows <= MOST && (row_stride == 1 || area.depth == 1) {
            return Some((Self { right_stride: column_stride, by_rows: false, ..base }, area.rows));
        }
        // A single contiguous column is a single row of the transposed product.
        if area.columns == 1 && area.out_row == 1 && (area.left_column == 1 || area.left_row == 1) {
            let by_rows = area.left_row == 1;
            let turned = Self {
                left: first,
                left_row: column_stride,
                left_column: row_stride,
                right: area.left,
                right_stride: if by_rows { area.left_column } else { area.left_row },
                by_rows,
                columns: area.rows,
                ..base
            };
            return Some((turned, 1));
        }
        None
    }

    /// Computes so many rows, at most [`MOST`].
    ///
    /// # Safety
    /// All elements that the sizes and strides lead to are readable, and those of `out` writable by this thread alone.
    pub unsafe fn compute(self, rows: usize) {
        match rows {
            0 => {}
            1 => crate::simd::run(Rows::<1, 8>(self)),
            2 => crate::simd::run(Rows::<2, 8>(self)),
            3 => crate::simd::run(Rows::<3, 4>(self)),
            _ => crate::simd::run(Rows::<4, 4>(self)),
        }
    }
}

/// `R` rows of the result, `D` steps of depth at a time.
struct Rows<const R: usize, const D: usize>(Thin);

impl<const R: usize, const D: usize> SimdOp for Rows<R, D> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let thin = self.0;
        // SAFETY: the caller of `Thin::compute` vouches for all elements.
        unsafe {
            if thin.depth == 0 {
                if thin.fresh {
                    for row in 0..R {
                        for column in 0..thin.columns {
                            *thin.out.add(row * thin.out_row + column) = 0.0;
                        }
                    }
                }
                return;
            }
            if thin.by_rows {
                let whole = thin.depth / D * D;
                for at in (0..whole).step_by(D) {
                    by_rows::<I, R, D>(isa, &thin, at);
                }
                let mut at = whole;
                if D > 4 && thin.depth - at >= 4 {
                    by_rows::<I, R, 4>(isa, &thin, at);
                    at += 4;
                }
                if thin.depth - at >= 2 {
                    by_rows::<I, R, 2>(isa, &thin, at);
                    at += 2;
                }
                if at < thin.depth {
                    by_rows::<I, R, 1>(isa, &thin, at);
                }
            } else {
                by_columns::<I, R>(isa, &thin);
            }
        }
    }
}

/// Adds the products of `D` steps of depth, from step `at`, to all columns.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "loops of constant length over arrays that live in registers")]
unsafe fn by_rows<I: Isa, const R: usize, const D: usize>(isa: I, thin: &Thin, at: usize) {
    let ops = isa.f32();
    let lanes = ops.len();
    let fresh = thin.fresh && at == 0;
    // SAFETY: the caller vouches for all elements; masked accesses touch the columns that there are.
    unsafe {
        let mut factors = [[ops.zero(); D]; R];
        for row in 0..R {
            for d in 0..D {
                factors[row][d] =
                    ops.splat(*thin.left.add(row * thin.left_row + (at + d) * thin.left_column));
            }
        }
        let right = thin.right.add(at * thin.right_stride);
        let whole = thin.columns / lanes * lanes;
        for column in (0..whole).step_by(lanes) {
            let mut sums = [ops.zero(); R];
            if !fresh {
                for row in 0..R {
                    sums[row] = ops.load_ptr(thin.out.add(row * thin.out_row + column));
                }
            }
            for d in 0..D {
                let vector = ops.load_ptr(right.add(d * thin.right_stride + column));
                for row in 0..R {
                    sums[row] = ops.mul_add(factors[row][d], vector, sums[row]);
                }
            }
            for row in 0..R {
                ops.store_ptr(sums[row], thin.out.add(row * thin.out_row + column));
            }
        }
        if whole < thin.columns {
            let mask = first_lanes(isa, thin.columns - whole);
            let mut sums = [ops.zero(); R];
            if !fresh {
                for row in 0..R {
                    sums[row] = ops.load_ptr_mask(thin.out.add(row * thin.out_row + whole), mask);
                }
            }
            for d in 0..D {
                let vector = ops.load_ptr_mask(right.add(d * thin.right_stride + whole), mask);
                for row in 0..R {
                    sums[row] = ops.mul_add(factors[row][d], vector, sums[row]);
                }
            }
            for row in 0..R {
                ops.store_ptr_mask(sums[row], thin.out.add(row * thin.out_row + whole), mask);
            }
        }
    }
}

/// A right operand whose columns are contiguous: blocks are transposed on the way, so that each sum still runs over the depth in
/// order.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "loops of constant length over arrays that live in registers")]
unsafe fn by_columns<I: Isa, const R: usize>(isa: I, thin: &Thin) {
    let ops = isa.f32();
    let lanes = ops.len();
    let whole = thin.columns / lanes * lanes;
    let steps = thin.depth / lanes * lanes;
    let mut block = Block([0.0; 16 * 16]);
    // SAFETY: the caller vouches for all elements.
    unsafe {
        for column in (0..whole).step_by(lanes) {
            let mut sums = [ops.zero(); R];
            if !thin.fresh {
                for row in 0..R {
                    sums[row] = ops.load_ptr(thin.out.add(row * thin.out_row + column));
                }
            }
            let right = thin.right.add(column * thin.right_stride);
            for at in (0..steps).step_by(lanes) {
                transpose(isa, right.add(at), thin.right_stride, block.0.as_mut_ptr(), lanes);
                for d in 0..lanes {
                    let vector = ops.load_ptr(block.0.as_ptr().add(d * lanes));
                    for row in 0..R {
                        let factor = *thin.left.add(row * thin.left_row + (at + d) * thin.left_column);
                        sums[row] = ops.mul_add(ops.splat(factor), vector, sums[row]);
                    }
                }
            }
            for at in steps..thin.depth {
                for lane in 0..lanes {
                    block.0[lane] = *right.add(lane * thin.right_stride + at);
                }
                let vector = ops.load_ptr(block.0.as_ptr());
                for row in 0..R {
                    let factor = *thin.left.add(row * thin.left_row + at * thin.left_column);
                    sums[row] = ops.mul_add(ops.splat(factor), vector, sums[row]);
                }
            }
            for row in 0..R {
                ops.store_ptr(sums[row], thin.out.add(row * thin.out_row + column));
            }
        }
        let rest = thin.columns - whole;
        if rest > 0 {
            let mask = first_lanes(isa, rest);
            let right = thin.right.add(whole * thin.right_stride);
            let mut sums = [ops.zero(); R];
            if !thin.fresh {
                for row in 0..R {
                    sums[row] = ops.load_ptr_mask(thin.out.add(row * thin.out_row + whole), mask);
                }
            }
            for at in 0..thin.depth {
                for lane in 0..rest {
                    block.0[lane] = *right.add(lane * thin.right_stride + at);
                }
                let vector = ops.load_ptr(block.0.as_ptr());
                for row in 0..R {
                    let factor = *thin.left.add(row * thin.left_row + at * thin.left_column);
                    sums[row] = ops.mul_add(ops.splat(factor), vector, sums[row]);
                }
            }
            for row in 0..R {
                ops.store_ptr_mask(sums[row], thin.out.add(row * thin.out_row + whole), mask);
            }
        }
    }
}

#[repr(align(64))]
struct Block([f32; 256]);
