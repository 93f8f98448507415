//! What an optimizer is.

use std::any::TypeId;

use crate::error::Result;
use crate::graph::Variable;
use crate::module::{AnyModule, Field, Module, Source, Visitor};
use crate::registry::{self, Entry, Kind};
use crate::tensor::{Tensor, TensorType};

/// An update rule: a module whose state (slots of each variable, counters) is saved with the run.
///
/// The rule is traced into the training step, so a loaded run needs no code for it.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::tensor::TensorType;
///
/// /// `w - rate * sign(g)`
/// #[derive(Module)]
/// struct SignDescent {
///     rate: f32,
/// }
///
/// #[optimizer]
/// impl Optimizer for SignDescent {
///     fn slots(&self, _: &TensorType) -> Vec<(&'static str, Tensor)> {
///         Vec::new()
///     }
///
///     fn update(&self, value: &Tensor, gradient: &Tensor, _: &[Variable]) -> Tensor {
///         value - gradient.sign() * self.rate
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an optimizer",
    label = "not an optimizer",
    note = "write `#[derive(Module)]` on the definition of the type, and `#[optimizer]` on its `impl Optimizer`",
    note = "a trainer takes the model, the optimizer and the loss, in this order"
)]
pub trait Optimizer: AnyModule {
    /// The state kept for each variable: names and first values, whose shapes may differ from the variable's.
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)>;

    /// Runs once at the start of each step: counts steps, moves a schedule on.
    fn begin_step(&self) {}

    /// The new value of a variable, given its gradient of the same dtype and shape. `slots` are those of [`Self::slots`], in
    /// order; the rule assigns what they hold next.
    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor;
}

/// What the registry holds of an optimizer.
pub struct OptimizerConstructor {
    /// Makes one from what a saved model holds.
    pub rebuild: fn(&mut Source<'_>) -> Result<Box<dyn Optimizer>>,
}

/// The registry entry of an optimizer.
pub const fn optimizer_entry<O: Optimizer + Module>(file: &'static str, line: u32) -> Entry {
    fn rebuild<O: Optimizer + Module>(source: &mut Source<'_>) -> Result<Box<dyn Optimizer>> {
        Ok(Box::new(source.module::<O>()?))
    }
    Entry {
        kind: Kind::Optimizer,
        name: O::TYPE.name,
        instance: "",
        aliases: O::TYPE.aliases,
        type_id: Some(TypeId::of::<O>),
        constructor: &const { OptimizerConstructor { rebuild: rebuild::<O> } },
        file,
        line,
    }
}

impl Field for Box<dyn Optimizer> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        (**self).visit_registered(Kind::Optimizer, visitor);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        let entry = registry::find(Kind::Optimizer, source.type_name()?)?;
        match entry.constructor.downcast_ref::<OptimizerConstructor>() {
            Some(constructor) => (constructor.rebuild)(source),
            None => {
                Err(source.fail(format!("the registry entry `{}` is not that of an optimizer", entry.name)))
            }
        }
    }
}
