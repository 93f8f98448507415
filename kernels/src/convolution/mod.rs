//! Convolutions over 1 to 3 spatial dimensions, channels last.
//!
//! Operands lie without gaps: input `[batch, spatial.., channels]`, kernel `[spatial.., channels / groups, features]`, result
//! `[batch, spatial.., features]`. Each element of a result is one chain of fused multiply-adds, as in [`gemm`](crate::gemm): over
//! the places of the window in row-major order, each with its channels in order. A place in the padding counts as 0 and is
//! multiplied like any other, so that an infinite weight there gives NaN; places between dilated elements of the input are
//! skipped.
//!
//! Of many channels and features, windows of 3 x 3 places next to each other are computed with fewer multiplications: the module
//! `winograd` says how, and how exactly. Which way it is depends on the sizes of an input alone, so the bits do not depend on batches,
//! threads or packing.

mod band;
mod depthwise;
mod forward;
mod gradient;
mod kernel;
pub(crate) mod phase;
mod shape;
mod winograd;

pub use forward::Weights;
pub use kernel::{Kernel, PackedKernel};
pub use shape::{Axis, Convolution};

#[cfg(test)]
mod tests;
