//! Everything that generated code names, and nothing else.

pub use inventory::submit;

pub use crate::control::autograph;
pub use crate::error::{Error, Result};
pub use crate::graph::{Mapping, Op, Sample, op_entry};
pub use crate::losses::{LossFunction, loss_entry, loss_module_entry, metric_entry};
pub use crate::metrics::metric_module_entry;
pub use crate::module::{
    AnyModule, Config, Field, FieldName, FieldRole as Role, Layer, Module, ModuleType, Sealed, Source,
    Visitor, configuration, layer_entry,
};
pub use crate::tensor::{DType, Leaves, Path, Structure, Tensor};
pub use crate::trace::{
    ArgumentSpec, Arguments, Callee, Class, DTypeSpec, DimSpec, Layout, SignatureSpec, SizeRule, TensorSpec,
    call, call_function, has_part, has_parts, unknown_function,
};
pub use crate::train::{Optimizer, TrainStep, optimizer_entry, schedule_entry};
pub use crate::transform::with_gradient;
