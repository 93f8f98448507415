//! Primitive operations: StableHLO's names and meaning, one file each.
//!
//! A file holds the tensor method, the attributes, the shape rule, the reference kernel, the gradient, the way ONNX says
//! it, samples for the tests that run over all ops, and one line that registers it.

mod axes;
mod binary;
mod creation;
mod index_dimensions;
mod number;
mod operand;
mod operators;
mod unary;

mod add;
mod broadcast_in_dim;
mod compare;
mod concatenate;
mod convert;
mod dimension_size;
mod divide;
mod dot_general;
mod exponential;
mod gather;
mod iota;
mod logical;
mod matmul;
mod multiply;
mod negate;
mod pad;
mod reduce;
mod reshape;
mod reverse;
mod rng_bit_generator;
mod scatter;
mod select;
mod slice;
mod subtract;
mod transpose;

pub use axes::Axes;
pub use index_dimensions::{IndexDimensions, OutOfBounds};
pub use operand::Operand;
pub(crate) use operand::constrain;
pub use scatter::Combine;
pub use slice::SliceRange;
