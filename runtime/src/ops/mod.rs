//! Primitive operations: StableHLO's names and meaning, one file each.
//!
//! A file holds the tensor method, the attributes, the shape rule, the reference kernel, the gradient, the way ONNX says
//! it, samples for the tests that run over all ops, and one line that registers it.
//!
//! # All of them
//!
//! An op without a gradient lets none through, as `stop_gradient` does; `zero` says that there is one, which is zero wherever
//! it exists. On each sample the conformance tests check shapes, dtypes, symbolic sizes, saving and loading, and gradients and
//! second derivatives against finite differences; the last column counts values that mpmath, NumPy and JAX computed, which
//! are committed under `tests/oracles`. Calls, branches and loops are no ops: `holotype::control` has them, and their
//! gradients.
//!
#![doc = include_str!("table.md")]

mod axes;
mod binary;
mod bits;
mod convolution_columns;
mod convolution_dimensions;
mod creation;
mod factor;
mod index_dimensions;
mod matrices;
mod number;
mod operand;
mod operators;
mod ordering;
mod places;
mod position;
mod product;
mod unary;
mod wide;
mod window;

mod abs;
mod acos;
mod acosh;
mod add;
mod asin;
mod asinh;
mod atan;
mod atan2;
mod atanh;
mod bitcast_convert;
mod broadcast_in_dim;
mod cbrt;
mod ceil;
mod check_finite;
mod check_range;
mod cholesky;
mod clamp;
mod compare;
mod concatenate;
mod convert;
mod convolution;
mod cosh;
mod cosine;
mod count_leading_zeros;
mod cumulative;
mod dimension_size;
mod divide;
mod dot_general;
mod dynamic_slice;
mod erf;
mod erf_inv;
mod erfc;
mod exponential;
mod exponential_minus_one;
mod floor;
mod gather;
mod iota;
mod is_finite;
mod lgamma;
mod log;
mod log_plus_one;
mod logical;
mod logistic;
mod matmul;
mod maximum;
mod minimum;
mod multiply;
mod negate;
mod next_after;
mod pad;
mod polygamma;
mod popcnt;
mod power;
mod reduce;
mod reduce_precision;
mod reduce_window;
mod remainder;
mod reshape;
mod reverse;
mod rng_bit_generator;
mod round_nearest_afz;
mod round_nearest_even;
mod rsqrt;
mod scatter;
mod select;
mod select_and_scatter;
mod shift;
mod sign;
mod sine;
mod sinh;
mod slice;
mod sort;
mod sqrt;
mod stop_gradient;
mod subtract;
mod tan;
mod tanh;
mod top_k;
mod transpose;
mod triangular_solve;
mod window_position;

pub use axes::Axes;
pub(crate) use axes::{axes, axis};
pub(crate) use broadcast_in_dim::BroadcastInDim;
pub(crate) use concatenate::Concatenate;
pub use convolution::Convolution;
pub use convolution_dimensions::ConvolutionDimensions;
pub(crate) use convolution_dimensions::regrouped;
pub use cumulative::Along;
pub(crate) use dot_general::DotGeneral;
pub(crate) use dynamic_slice::{DynamicSlice, DynamicUpdateSlice};
pub(crate) use gather::Gather;
pub use index_dimensions::{IndexDimensions, OutOfBounds};
pub(crate) use number::{Float, Number};
pub use operand::Operand;
pub(crate) use pad::Pad;
pub(crate) use reduce::Reduce;
pub use reduce::Reducer;
pub(crate) use reduce_window::ReduceWindow;
pub(crate) use reshape::Reshape;
pub(crate) use reverse::Reverse;
pub(crate) use rng_bit_generator::philox_words;
pub use scatter::Combine;
pub(crate) use scatter::Scatter;
pub(crate) use select_and_scatter::SelectAndScatter;
pub(crate) use slice::Slice;
pub use slice::SliceRange;
pub use sort::Order;
pub(crate) use stop_gradient::StopGradient;
pub(crate) use transpose::Transpose;
pub use triangular_solve::{TransposeA, TriangularSolve};
pub use window::Window;
pub use window_position::Select;
