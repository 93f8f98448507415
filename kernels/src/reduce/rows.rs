//! Reduction of each row of a block to one element.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use rten_simd::{Isa, SimdOp};

use super::Fold;
use super::row::row;
use crate::element::block::set;
use crate::simd::run;

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
    run(Rows::<F> { result, operand, columns, fold: PhantomData });
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
        for index in 0..self.result.len() / size_of::<F::Element>().max(1) {
            let start = index * self.columns;
            set(self.result, index, F::finish(row::<F>(self.operand, start, start + self.columns)));
        }
    }
}
