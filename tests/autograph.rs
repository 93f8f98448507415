//! `#[autograph]`: what is Rust stays Rust, and what a tensor decides becomes a part of the graph.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "autograph/plain.rs"]
mod plain;
#[path = "autograph/tensors.rs"]
mod tensors;
