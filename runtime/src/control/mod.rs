//! Control flow: branches and loops over structures of tensors, for code that runs at once and for code that is traced.
//!
//! Rust's own `if`, `for` and `while` run while code is traced, and leave no mark in the graph. The functions of this
//! module do: what depends on values that only a call knows becomes a branch or a loop of the graph.
//!
//! | function | what it does | in the graph |
//! | --- | --- | --- |
//! | [`cond`], [`switch`] | runs one of some branches | `case` |
//! | [`while_loop`] | repeats for as long as a condition holds | `while` |
//! | [`fori_loop`] | repeats for each number of a range | `scan`; `while` if the bounds are tensors |
//! | [`scan`], [`scan_reverse`], [`map`] | runs for each item of dimension 0 | `scan` |
//!
//! Outside of a trace they just run: a branch that is not chosen is not looked at. In a trace each branch and body runs
//! once, on symbolic tensors. They may use tensors and variables from around them, and assign variables; every iteration
//! sees what the one before has assigned. What they compute comes out as their result only.
//!
//! Gradients of any order go through all of them.
//!
//! State is a [`Structure`](crate::tensor::Structure): a tensor, a tuple, a list, a map, or a struct that derives it. Every
//! iteration gives it back with the same dtypes and shapes. A tensor of it that carries an error makes the whole result carry
//! that error.

#[doc(hidden)]
pub mod autograph;
mod cond;
mod loops;
mod range;
mod scan;
mod site;

pub use cond::{cond, switch};
pub use loops::{fori_loop, while_loop};
pub use range::{Bounds, LoopRange};
pub use scan::{map, scan, scan_reverse};
