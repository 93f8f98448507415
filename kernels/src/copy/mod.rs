//! Copies of elements between layouts: permuted, repeated, sliced, padded, joined.

pub(crate) mod chunks;
pub(crate) mod plane;
mod strided;

pub use strided::{Layout, StridedCopy};
