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
