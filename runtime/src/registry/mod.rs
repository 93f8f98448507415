//! What the macros submitted at compile time: everything that has a name.
//!
//! The registry knows names and constructors, and nothing of what they build.

mod entry;
mod index;

pub use entry::{Entry, Kind};
pub use index::{entries, find, find_type};
