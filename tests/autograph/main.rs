//! `#[autograph]`: what is Rust stays Rust, and what a tensor decides becomes a part of the graph.

#![allow(clippy::unwrap_used, clippy::panic)]

mod places;
mod plain;
mod tensors;
