//! Reductions: sums, products, maxima and minima, in an order that depends on the number of elements alone.

mod along;
mod columns;
mod fold;
mod row;
pub(crate) use row::PART;
mod rows;

pub use along::along;
pub use fold::{Fold, Max, Min, Product, Sum};
pub use rows::RowReducer;

use rten_simd::SimdOp;
use rten_simd::isa::GenericIsa;

/// Runs a part of a fold with the instructions that it is compiled for.
#[inline]
fn run<F: Fold, Op: SimdOp>(op: Op) -> Op::Output {
    // The condition is a constant, so what it excludes is not compiled.
    if const { F::WIDE } { crate::simd::run(op) } else { op.eval(GenericIsa::new()) }
}
