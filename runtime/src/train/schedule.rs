//! What a learning-rate schedule is.

use std::any::TypeId;

use crate::error::Result;
use crate::module::{AnyModule, Field, Module, Source, Visitor};
use crate::registry::{self, Entry, Kind};
use crate::tensor::Tensor;

/// A learning rate that depends on the step: a module whose rule is traced into the training step, so that a loaded run
/// needs no code for it.
///
/// Optimizers take one wherever they take a number.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
///
/// /// `rate / √(step + 1)`
/// #[derive(Module)]
/// struct InverseRoot {
///     rate: f64,
/// }
///
/// #[schedule]
/// impl Schedule for InverseRoot {
///     fn rate(&self, step: &Tensor) -> Tensor {
///         self.rate / (step + 1.0).sqrt()
///     }
/// }
///
/// let optimizer = Adam::new(InverseRoot { rate: 1e-3 });
/// let trainer = Trainer::new(Dense::new(1, 1), optimizer, mean_squared_error).build()?;
/// # Ok::<(), holotype::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a learning-rate schedule",
    label = "not a schedule",
    note = "write `#[derive(Module)]` on the definition of the type, and `#[schedule]` on its `impl Schedule`"
)]
pub trait Schedule: AnyModule {
    /// The rate at a step: one float number, given the number of steps taken before this one as an `f64` without dimensions.
    fn rate(&self, step: &Tensor) -> Tensor;
}

/// What the registry holds of a schedule.
pub struct ScheduleConstructor {
    /// Makes one from what a saved model holds.
    pub rebuild: fn(&mut Source<'_>) -> Result<Box<dyn Schedule>>,
}

/// The registry entry of a schedule.
pub const fn schedule_entry<S: Schedule + Module>(file: &'static str, line: u32) -> Entry {
    fn rebuild<S: Schedule + Module>(source: &mut Source<'_>) -> Result<Box<dyn Schedule>> {
        Ok(Box::new(source.module::<S>()?))
    }
    Entry {
        kind: Kind::Schedule,
        name: S::TYPE.name,
        instance: "",
        aliases: S::TYPE.aliases,
        type_id: Some(TypeId::of::<S>),
        constructor: &const { ScheduleConstructor { rebuild: rebuild::<S> } },
        file,
        line,
    }
}

impl Field for Box<dyn Schedule> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        (**self).visit_registered(Kind::Schedule, visitor);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        let entry = registry::find(Kind::Schedule, source.type_name()?)?;
        match entry.constructor.downcast_ref::<ScheduleConstructor>() {
            Some(constructor) => (constructor.rebuild)(source),
            None => {
                Err(source.fail(format!("the registry entry `{}` is not that of a schedule", entry.name)))
            }
        }
    }
}
