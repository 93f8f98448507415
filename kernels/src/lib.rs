//! Fast CPU kernels over plain slices: products, convolutions, pooling, element-wise loops and reductions.
//!
//! The crate knows nothing of tensors or graphs. Its rule: the bits of a result depend on the operands and their sizes only,
//! never on the number of threads, on how work is cut into blocks, or on what is fused around it.

#![warn(clippy::print_stdout, clippy::print_stderr)]
// Vector instructions are chosen at run time, and only what is inlined into that choice is compiled with them.
#![allow(clippy::inline_always)]

mod buffer;
mod simd;

#[cfg(test)]
mod numbers;

pub mod memory;

pub mod threads;

pub mod gemm;

pub mod convolution;

pub mod pool;

pub mod element;

pub mod reduce;

pub mod copy;

pub mod windows;

pub mod math;

pub mod fused;
