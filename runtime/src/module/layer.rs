//! Layers: modules with traced methods.

use std::any::{Any, TypeId};

use super::field::{Module, ModuleType};
use super::source::Source;
use super::visitor::Visitor;
use crate::error::Result;
use crate::registry::{self, Kind};
use crate::tensor::{Leaves, Tensor};
use crate::trace::{Arguments, Callee, SignatureSpec, called_from, positional};

/// What only the `#[layer]` attribute makes.
#[derive(Clone, Copy, Debug)]
pub struct Sealed(());

impl Sealed {
    /// The only value.
    pub const NEW: Self = Self(());
}

/// A module of any type. Implemented for every [`Module`] that can be shared between threads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "not a module",
    note = "add `#[derive(Module)]` to the definition of `{Self}`"
)]
pub trait AnyModule: Any + Send + Sync {
    /// The name its type is saved under.
    fn module_type(&self) -> ModuleType;

    /// Shows the module to a visitor.
    fn visit_module(&self, visitor: &mut Visitor<'_>);

    /// Shows the module to a visitor under the name it is registered by as a thing of this kind, so that it can be rebuilt
    /// without its type.
    fn visit_registered(&self, kind: Kind, visitor: &mut Visitor<'_>);

    /// The module as its own type.
    fn as_any(&self) -> &dyn Any;

    /// The module as its own type.
    fn into_any(self: Box<Self>) -> Box<dyn Any + Send + Sync>;
}

impl<M: Module + Send + Sync> AnyModule for M {
    fn module_type(&self) -> ModuleType {
        M::TYPE
    }

    fn visit_module(&self, visitor: &mut Visitor<'_>) {
        visitor.module(self);
    }

    fn visit_registered(&self, kind: Kind, visitor: &mut Visitor<'_>) {
        match registry::find_type(kind, TypeId::of::<M>()) {
            Some(entry) => visitor.module_named(self, &entry.full_name()),
            None => visitor.fail(not_registered(kind, std::any::type_name::<M>())),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        self
    }
}

fn not_registered(kind: Kind, name: &str) -> String {
    if kind == Kind::Layer {
        format!(
            "`{name}` stands behind `Box<dyn Layer>` and is not registered, so it could not be rebuilt: \
             name the instance in `#[layer(instances(...))]`"
        )
    } else {
        let attribute = kind.name();
        format!("`{name}` is not registered, so it could not be rebuilt: write `#[{attribute}]` on its impl")
    }
}

/// A module with traced methods, `call` among them. The `#[layer]` attribute implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "not a layer",
    note = "write `#[derive(Module)]` on the definition of `{Self}`, `#[layer]` on its `impl` block that has `call`, and `#[signature(...)]` on `call`"
)]
pub trait Layer: AnyModule {
    /// The signatures of the traced methods, `call` first.
    fn signatures(&self) -> Vec<SignatureSpec>;

    /// Runs a traced method on named tensors and static arguments; gives the tensors of what it returns.
    ///
    /// # Errors
    /// If there is no such method, or its parameters have other tensors.
    fn enter(&self, function: &str, arguments: &mut Arguments) -> Result<Leaves>;

    /// Runs a traced method on tensors in the order of its signature, its static arguments being those listed first.
    ///
    /// # Errors
    /// If there is no such method, or it takes another number of inputs.
    fn invoke(&self, function: &str, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        invoked(&self.signatures(), function, inputs, &|arguments| self.enter(function, arguments))
    }

    #[doc(hidden)]
    fn made_by_the_layer_attribute(&self) -> Sealed;
}

/// [`Layer::invoke`], compiled once for all layers.
fn invoked(
    signatures: &[SignatureSpec],
    function: &str,
    inputs: &[Tensor],
    enter: &dyn Fn(&mut Arguments) -> Result<Leaves>,
) -> Result<Vec<Tensor>> {
    let mut arguments = arguments_for(signatures, function, inputs)?;
    Ok(enter(&mut arguments)?.tensors().cloned().collect())
}

/// Tensors as the arguments of a method with one of these signatures.
fn arguments_for(signatures: &[SignatureSpec], function: &str, inputs: &[Tensor]) -> Result<Arguments> {
    let mut specs = signatures.iter().filter(|spec| spec.function == function);
    // A model without its code has one for each of its traces.
    let as_many = specs.clone().find(|spec| spec.inputs.len() == inputs.len());
    match as_many.or(specs.next()) {
        Some(spec) => positional(spec, inputs),
        None => Ok(Arguments::new()),
    }
}

impl dyn Layer {
    /// Runs `call` of a layer with one input and one output.
    #[track_caller]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let site = std::panic::Location::caller();
        let outputs = called_from(site, || self.invoke("call", std::slice::from_ref(input)));
        let output = outputs.and_then(|mut outputs| match outputs.len() {
            1 => Ok(outputs.swap_remove(0)),
            count => Err(crate::error::Error::Trace {
                function: "call".into(),
                message: format!("`{}` gives {count} outputs: use `invoke`", self.module_type().name),
            }),
        });
        Tensor::from(output)
    }
}

impl<L: Layer> From<L> for Box<dyn Layer> {
    fn from(layer: L) -> Self {
        Box::new(layer) as Self
    }
}

impl Callee {
    /// A method of a module.
    pub fn method<M: Module>(module: &M, method: &'static str) -> Self {
        Self::new(module, M::TYPE.name, method)
    }
}

/// What the registry holds of a layer.
pub struct LayerConstructor {
    /// Makes one from what a saved model holds.
    pub rebuild: fn(&mut Source<'_>) -> Result<Box<dyn Layer>>,
}

/// The registry entry of a layer; `instance` tells the instances of a generic type apart.
pub const fn layer_entry<L: Layer + Module>(
    instance: &'static str,
    file: &'static str,
    line: u32,
) -> registry::Entry {
    fn rebuild<L: Layer + Module>(source: &mut Source<'_>) -> Result<Box<dyn Layer>> {
        Ok(Box::new(source.module::<L>()?))
    }
    registry::Entry {
        kind: Kind::Layer,
        name: L::TYPE.name,
        instance,
        aliases: L::TYPE.aliases,
        type_id: Some(TypeId::of::<L>),
        constructor: &const { LayerConstructor { rebuild: rebuild::<L> } },
        file,
        line,
    }
}

/// Makes a layer of the registered type that was saved.
pub(super) fn rebuild_registered(source: &mut Source<'_>) -> Result<Box<dyn Layer>> {
    let entry = registry::find(Kind::Layer, source.type_name()?)?;
    match entry.constructor.downcast_ref::<LayerConstructor>() {
        Some(constructor) => (constructor.rebuild)(source),
        None => Err(source.fail(format!("the registry entry `{}` is not that of a layer", entry.name))),
    }
}
