//! Tensors: one handle for a value that is there, or that a trace is still computing, or that could not be computed.

mod buffer;
mod convert;
mod data;
mod dim;
mod display;
mod document;
mod dtype;
mod elements;
mod handle;
mod memory;
mod rounding;
mod scalar;
mod shape;
mod stack;
mod structure;

pub(crate) use buffer::{ALIGNMENT, Buffer};
pub use data::{Data, Storage, element_count};
pub use dim::{Dim, SizeRange, Sizes, Symbol};
pub use document::Document;
pub(crate) use dtype::for_dtype;
pub use dtype::{DType, Element};
pub use elements::{Elements, ElementsMut};
pub use handle::Tensor;
pub(crate) use handle::{Repr, Symbolic};
pub(crate) use memory::check_memory;
pub(crate) use rounding::{bf16_from_f64, f16_from_f64};
pub use scalar::Scalar;
pub use shape::{Shape, TensorType};
pub(crate) use stack::Stack;
pub use structure::{Leaves, Path, Structure};
