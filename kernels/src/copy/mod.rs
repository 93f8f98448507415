//! Copies of elements between layouts.

pub(crate) mod plane;
