//! Tracing: running user code once on symbolic tensors, under signatures and scopes, to record a graph.

mod callee;
mod instance;
mod outputs;
mod signature;
mod spec;
mod tracer;

pub(crate) use callee::called_from;
pub use callee::{Callee, call, call_function, inputs, unknown_function};
pub use outputs::Outputs;
pub use signature::Signature;
pub use spec::{DTypeSpec, DimSpec, SignatureSpec, Size, TensorSpec};
pub use tracer::{Traced, Tracer};
