//! What a module is, and what its fields may be.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::source::Source;
use super::visitor::Visitor;
use crate::error::Result;

/// The name a type is saved under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleType {
    /// `crate::path::Type`, or the name that the type states.
    pub name: &'static str,
    /// Names it was saved under before.
    pub aliases: &'static [&'static str],
}

impl ModuleType {
    /// A name with the names before it.
    pub const fn new(name: &'static str, aliases: &'static [&'static str]) -> Self {
        Self { name, aliases }
    }
}

/// A tree of variables, modules and configuration.
///
/// Derive it. Fields are variables, modules, numbers, strings, and `Vec`, arrays, tuples, `Option`, `Box`, `Arc`,
/// `BTreeMap` and `HashMap` of them; `#[module(config)]` marks any other type that serde knows.
///
/// ```
/// use holotype::prelude::*;
///
/// #[derive(Module)]
/// struct Affine {
///     scale: Variable,
///     shift: Option<Variable>,
///     epsilon: f32,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "not a module",
    note = "add `#[derive(Module)]` to the definition of `{Self}`"
)]
pub trait Module: 'static {
    /// The name the type is saved under.
    const TYPE: ModuleType;

    /// Shows each field to a visitor.
    fn visit(&self, visitor: &mut Visitor<'_>);

    /// Makes the module from what a saved model holds.
    ///
    /// # Errors
    /// If a field is missing or is not what the type needs, with its path.
    fn rebuild(source: &mut Source<'_>) -> Result<Self>
    where
        Self: Sized;
}

/// What a field of a module may be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither tracked state nor configuration",
    label = "a field of this type cannot be saved",
    note = "state: use `Variable` (`Variable::state(...)` for what is not trained), or put `#[derive(Module)]` on the type; for a container, on that of its elements",
    note = "configuration: derive `Serialize` and `Deserialize` for the type and mark the field `#[module(config)]`",
    note = "neither: mark the field `#[module(skip)]`, and it is `Default::default()` after loading"
)]
pub trait Field {
    /// Shows the field to a visitor.
    fn visit(&self, visitor: &mut Visitor<'_>);

    /// Makes the field from what a saved model holds.
    ///
    /// # Errors
    /// If it is missing or is something else, with its path.
    fn rebuild(source: &mut Source<'_>) -> Result<Self>
    where
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<M: Module> Field for M {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.module(self);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        source.module()
    }
}

/// What `#[module(config)]` fields may be: every type that serde writes and reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be configuration",
    label = "serde does not know this type",
    note = "derive `serde::Serialize` and `serde::Deserialize` for the type, or mark the field `#[module(skip)]`"
)]
pub trait Config: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Config for T {}

/// Needs its type to be configuration. Generated code names it first, so that a type which is not is reported once.
pub const fn configuration<C: Config>() {}

/// What a field says about the variables below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldRole {
    /// Nothing: they are what they were made as.
    #[default]
    Inherit,
    /// Optimizers leave them alone.
    Frozen,
    /// They are state of the module's own code.
    State,
}
