//! Tracing: running user code once on symbolic tensors, under signatures and scopes, to record a graph.

mod argument;
mod arguments;
mod callee;
mod dimension;
mod dtype;
mod instance;
mod layout;
mod outputs;
mod part;
mod signature;
mod spec;
mod tracer;

pub use argument::{ArgumentSpec, Static};
pub use arguments::Arguments;
pub(crate) use arguments::positional;
pub(crate) use callee::called_from;
pub use callee::{Callee, call, call_function, unknown_function};
pub use dimension::{DimSpec, Rule, Size, SizeRule};
pub use dtype::{Class, DTypeSpec};
pub use layout::Layout;
#[doc(hidden)]
pub use part::{has_part, has_parts};
pub use signature::Signature;
pub use spec::{SignatureSpec, TensorSpec};
pub use tracer::{Traced, Tracer};
