//! Everything that generated code names, and nothing else.

pub use inventory::submit;

pub use crate::control::autograph;
pub use crate::error::{Error, Result};
pub use crate::losses::{LossFunction, loss_entry, metric_entry};
pub use crate::module::{
    Config, Field, FieldName, FieldRole as Role, Layer, Module, ModuleType, Sealed, Source, Visitor,
    configuration, layer_entry,
};
pub use crate::tensor::{DType, Tensor};
pub use crate::trace::{
    Callee, DTypeSpec, DimSpec, Outputs, SignatureSpec, TensorSpec, call, call_function, inputs,
    unknown_function,
};
pub use crate::train::{Optimizer, optimizer_entry};
