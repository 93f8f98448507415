//! Reduction along a dimension that is not the last: many results at a time.

use std::marker::PhantomData;

use rten_simd::{Isa, SimdOp};

use super::{Fold, run};
use crate::element::block::{set, take_in};

/// The most results computed at a time: their states stay in the first cache.
pub(super) const WIDTH: usize = 512;

/// Reduces neighbouring columns of a matrix, each from its first row to its last.
struct Columns<'a, F> {
    result: &'a mut [u8],
    /// The matrix from the first of the columns on.
    operand: &'a [u8],
    rows: usize,
    /// The elements between neighbours of a column.
    stride: usize,
    fold: PhantomData<F>,
}

/// Writes the reduction of as many columns of a matrix as the result has elements, at most [`WIDTH`]. Neighbours of a column
/// are `stride` elements apart.
pub(super) fn columns<F: Fold>(result: &mut [u8], operand: &[u8], rows: usize, stride: usize) {
    run::<F, _>(Columns::<F> { result, operand, rows, stride, fold: PhantomData });
}

impl<F: Fold> SimdOp for Columns<'_, F> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let size = size_of::<F::Element>();
        let mut states = [F::START; WIDTH];
        let count = (self.result.len() / size.max(1)).min(WIDTH);
        let states = &mut states[..count];
        let line = |row: usize| {
            let start = row * self.stride * size;
            self.operand.get(start..start + count * size).unwrap_or_default()
        };
        let mut row = 0;
        while row + 4 <= self.rows {
            take_in(states, [line(row), line(row + 1), line(row + 2), line(row + 3)], F::step);
            row += 4;
        }
        while row < self.rows {
            take_in(states, [line(row)], F::step);
            row += 1;
        }
        for (index, &state) in states.iter().enumerate() {
            set(self.result, index, F::finish(state));
        }
    }
}
