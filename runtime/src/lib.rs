//! The runtime of Holotype: tensors, graphs, tracing, gradients, execution, saved models and training.
//!
//! Use it through the facade crate `holotype`. The modules below are floors: each uses only those before it.

extern crate self as holotype;

pub mod error;
pub mod tensor;

pub mod registry;

pub mod graph;

pub mod functional;
pub mod ops;

pub mod random;

pub mod init;

#[doc(hidden)]
pub mod private;

pub use error::{Error, Result};
pub use tensor::{DType, Tensor};
