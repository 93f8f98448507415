//! `#[autograph]`: conditions, comparisons and loops that may be decided by tensors.
//!
//! The body of a function is walked once, in the order of its scopes. What can become a part of a graph is wrapped so that
//! the types of the runtime's module `control::autograph` choose between Rust and the graph; what cannot is left as it is,
//! and its condition is checked to be a `bool`.

mod changes;
mod decide;
mod emit;
mod escapes;
mod infer;
mod place;
mod rewrite;
mod scope;

pub use rewrite::{Mode, rewrite};
