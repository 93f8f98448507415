//! Loops over rows and columns that compute many element-wise functions and row reductions in one pass.
//!
//! A [`Loop`] is built from [`Node`]s in the order in which they are computed, each of which sees a value for every row and
//! column, and then run any number of times on inputs of the same sizes. It works on blocks that stay in the first cache:
//! memory is read and written once, however many nodes there are.

mod ahead;
mod behind;
mod build;
mod error;
mod extent;
mod in_place;
mod memory;
mod node;
mod operand;
mod pairs;
mod plan;
mod registers;
mod run;
mod shape;
mod step;

pub use behind::Behind;
pub use error::Mismatch;
pub use node::{Node, Output, Source};
pub use run::Loop;

/// The most columns of a loop with reductions.
pub const MAX_COLUMNS: usize = crate::reduce::PART;
