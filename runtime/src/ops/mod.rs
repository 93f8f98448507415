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
mod ordering;
mod position;
mod unary;

mod abs;
mod add;
mod broadcast_in_dim;
mod ceil;
mod check_finite;
mod check_range;
mod compare;
mod concatenate;
mod convert;
mod cosine;
mod dimension_size;
mod divide;
mod dot_general;
mod dynamic_slice;
mod erf;
mod exponential;
mod exponential_minus_one;
mod floor;
mod gather;
mod iota;
mod is_finite;
mod log;
mod log_plus_one;
mod logical;
mod logistic;
mod matmul;
mod maximum;
mod minimum;
mod multiply;
mod negate;
mod pad;
mod power;
mod reduce;
mod remainder;
mod reshape;
mod reverse;
mod rng_bit_generator;
mod round_nearest_even;
mod rsqrt;
mod scatter;
mod select;
mod sign;
mod sine;
mod slice;
mod sort;
mod sqrt;
mod stop_gradient;
mod subtract;
mod tanh;
mod top_k;
mod transpose;

pub use axes::Axes;
pub(crate) use axes::{axes, axis};
pub use index_dimensions::{IndexDimensions, OutOfBounds};
pub use operand::Operand;
pub(crate) use rng_bit_generator::philox_words;
pub use scatter::Combine;
pub use slice::SliceRange;
pub use sort::Order;
