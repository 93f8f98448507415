//! Reduction of each row of a block to one element.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use rten_simd::{Isa, SimdOp};

use super::Fold;
use super::row::{SHORT, row};
use super::run;
use crate::element::block::{element, set};

/// So many short rows are reduced side by side, since the steps of one wait for each other.
const TOGETHER: usize = 8;

/// Writes the reduction of each row of so many columns.
type Run = dyn Fn(&mut [u8], &[u8], usize) + Send + Sync;

/// Reduces each of consecutive rows of elements to one element. Cheap to clone.
#[derive(Clone)]
pub struct RowReducer {
    run: Arc<Run>,
    size: usize,
}

impl RowReducer {
    /// The reducer of a fold: `RowReducer::new::<Sum<f32>>()`.
    pub fn new<F: Fold>() -> Self {
        Self { run: Arc::new(rows::<F>), size: size_of::<F::Element>() }
    }

    /// Writes the reduction of each row of `columns` elements, as many as `result` holds. Blocks need no alignment.
    #[inline]
    pub fn run(&self, result: &mut [u8], operand: &[u8], columns: usize) {
        (self.run)(result, operand, columns);
    }

    /// The size in bytes of an element of the operand, and of the result.
    pub fn size(&self) -> usize {
        self.size
    }
}

impl fmt::Debug for RowReducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowReducer({})", self.size)
    }
}

/// Writes the reduction of each row of `columns` elements.
pub(super) fn rows<F: Fold>(result: &mut [u8], operand: &[u8], columns: usize) {
    run::<F, _>(Rows::<F> { result, operand, columns, fold: PhantomData });
}

struct Rows<'a, F> {
    result: &'a mut [u8],
    operand: &'a [u8],
    columns: usize,
    fold: PhantomData<F>,
}

impl<F: Fold> SimdOp for Rows<'_, F> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let Self { result, operand, columns, .. } = self;
        let rows = result.len() / size_of::<F::Element>().max(1);
        // The steps of integers do not wait long for each other.
        let together = if F::WIDE && columns < SHORT { rows / TOGETHER * TOGETHER } else { 0 };
        for first in (0..together).step_by(TOGETHER) {
            let mut states = [F::START; TOGETHER];
            for column in 0..columns {
                for (index, state) in states.iter_mut().enumerate() {
                    *state = F::step(*state, element(operand, (first + index) * columns + column));
                }
            }
            for (index, state) in states.into_iter().enumerate() {
                set(result, first + index, F::finish(state));
            }
        }
        for index in together..rows {
            let start = index * columns;
            set(result, index, F::finish(row::<F>(operand, start, start + columns)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Max, Min, Product, Sum, along};
    use super::*;
    use crate::numbers::Numbers;

    fn check<F: Fold<Element = f32>>(numbers: &mut Numbers) {
        let reducer = RowReducer::new::<F>();
        for columns in [0, 1, 2, 3, 10, 31, 32, 33] {
            for rows in [0, 1, 7, 8, 9, 16, 21] {
                let mut operand = numbers.floats(rows * columns);
                if let Some(element) = operand.get_mut(columns + columns / 2) {
                    *element = f32::NAN;
                }
                let mut found = vec![0.0_f32; rows];
                let bytes = bytemuck::cast_slice(&operand);
                reducer.run(bytemuck::cast_slice_mut(&mut found), bytes, columns);
                for (index, found) in found.iter().enumerate() {
                    let row = &operand[index * columns..][..columns];
                    let mut alone = [0.0_f32];
                    reducer.run(bytemuck::cast_slice_mut(&mut alone), bytemuck::cast_slice(row), columns);
                    assert_eq!(found.to_bits(), alone[0].to_bits(), "row {index} of {rows} x {columns}");
                }
            }
        }
    }

    #[test]
    fn rows_side_by_side_have_the_bits_of_rows_alone() {
        let mut numbers = Numbers::new();
        check::<Sum<f32>>(&mut numbers);
        check::<Product<f32>>(&mut numbers);
        check::<Max<f32>>(&mut numbers);
        check::<Min<f32>>(&mut numbers);
    }

    /// Rows of integers against the iterators of the standard library.
    fn check_integers<F: Fold<Element = i64>>(numbers: &mut Numbers, expected: impl Fn(&[i64]) -> i64) {
        for (rows, columns) in [(0, 5), (3, 0), (7, 1), (9, 31), (5, 32), (4, 33), (2, 95), (1, 70_001)] {
            let operand: Vec<i64> = (0..rows * columns)
                .map(|_| (numbers.below(1 << 40) as i64).wrapping_mul(0x7fff_fff1) | 1)
                .collect();
            let mut found = vec![0_i64; rows];
            let (bytes, result) = (bytemuck::cast_slice(&operand), bytemuck::cast_slice_mut(&mut found));
            along::<F>(bytes, result, [rows, columns, 1]).unwrap();
            for (index, found) in found.into_iter().enumerate() {
                let row = &operand[index * columns..][..columns];
                assert_eq!(found, expected(row), "row {index} of {rows} x {columns}");
            }
        }
    }

    #[test]
    fn integers_wrap_and_lose_no_element() {
        let mut numbers = Numbers::new();
        check_integers::<Sum<i64>>(&mut numbers, |row| row.iter().fold(0, |sum, x| sum.wrapping_add(*x)));
        check_integers::<Product<i64>>(&mut numbers, |row| row.iter().fold(1, |all, x| all.wrapping_mul(*x)));
        check_integers::<Max<i64>>(&mut numbers, |row| row.iter().copied().max().unwrap_or(i64::MIN));
        check_integers::<Min<i64>>(&mut numbers, |row| row.iter().copied().min().unwrap_or(i64::MAX));
    }
}
