//! Primitive operations: StableHLO's names and meaning, one file each.
//!
//! A file holds the tensor method, the attributes, the shape rule, the reference kernel, the gradient, the way ONNX says
//! it, samples for the tests that run over all ops, and one line that registers it.

mod axes;
mod binary;
mod creation;
mod number;
mod operand;
mod operators;
mod unary;

mod add;
mod broadcast_in_dim;
mod compare;
mod convert;
mod divide;
mod dot_general;
mod exponential;
mod logical;
mod matmul;
mod multiply;
mod negate;
mod reduce;
mod reshape;
mod select;
mod subtract;
mod transpose;

pub use axes::Axes;
pub use operand::Operand;
pub(crate) use operand::constrain;
