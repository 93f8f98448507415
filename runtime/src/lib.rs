//! The runtime of Holotype: tensors, graphs, tracing, gradients, execution, saved models and training.
//!
//! Use it through the facade crate `holotype`. The modules below are floors: each uses only those before it.

#![warn(clippy::print_stdout, clippy::print_stderr)]

extern crate self as holotype;

pub mod error;
mod sorted;
pub mod tensor;

pub mod registry;

pub mod graph;

pub mod functional;
pub mod ops;

/// What an op of one's own is written with; the attribute of the same name registers it.
pub mod op {
    pub use crate::error::Result;
    pub use crate::graph::{
        Constraints, ElementKernel, Mapping, Op, Sample, apply, apply_many, check_failed,
    };
    pub use crate::tensor::{DType, Data, Dim, Shape, Sizes, Tensor, TensorType};
}

pub mod control;

pub mod random;

pub mod init;

pub mod trace;

pub mod autodiff;

pub mod exec;

pub mod transform;

pub mod module;

pub mod layers;
pub mod losses;
pub mod metrics;

pub mod store;

pub mod data;

pub mod train;

#[doc(hidden)]
pub mod private;
#[doc(hidden)]
pub use private as __private;

pub use error::{Error, Result};
pub use exec::{thread_count, threads};
pub use store::{Load, Restore, load, restore, save};
pub use tensor::{DType, Tensor};
