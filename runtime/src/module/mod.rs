//! Modules: trees of variables, modules and configuration; layers; and programs, which are layers that have been traced.

mod callable;
mod containers;
mod cut;
mod field;
mod generator;
mod layer;
mod loaded;
mod objects;
mod prepared;
mod program;
mod recent;
mod source;
mod summary;
mod visitor;

pub use callable::Callable;
#[doc(hidden)]
pub use field::configuration;
pub use field::{Config, Field, FieldRole, Module, ModuleType};
pub use layer::{AnyModule, Layer, LayerConstructor, Sealed, layer_entry};
pub use loaded::Loaded;
pub(crate) use objects::{DEPTH, PATHS};
pub use objects::{Object, ObjectId, ObjectKind, Objects};
pub use prepared::Prepared;
pub use program::{Entry, Program};
pub(crate) use program::{entries, trace_methods};
pub use source::{FieldName, Source};
pub use visitor::{ModuleTree, Visitor};
