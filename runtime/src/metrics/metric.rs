//! What a metric with state is.

use std::any::TypeId;

use crate::error::{Error, Result};
use crate::losses::reported_name;
use crate::module::{AnyModule, Module, Source};
use crate::registry::{Entry, Kind};
use crate::tensor::Tensor;

/// A number that tells how good a model is, worked out from all samples together: a module whose state each batch changes.
///
/// Its rules are traced into functions of the run, so a loaded run needs no code for it. A metric that is the mean of a function
/// over all samples needs none of this: the function is the metric.
///
/// ```
/// use holotype::prelude::*;
///
/// /// The greatest difference that was ever seen.
/// #[derive(Module)]
/// struct Worst {
///     #[module(state)]
///     worst: Variable,
/// }
///
/// #[metric]
/// impl Metric for Worst {
///     fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
///         self.worst.assign(self.worst.value().maximum((y_true - y_pred).abs().max()));
///     }
///
///     fn result(&self) -> Tensor {
///         self.worst.value()
///     }
///
///     fn reset(&self) {
///         self.worst.assign(self.worst.value().zeros_like());
///     }
/// }
///
/// // Of samples that have weights it would say by `update_weighted` how they count.
/// let metric = Worst { worst: Variable::state(Tensor::from(0.0_f32)) };
/// metric.update(&Tensor::from([1.0_f32, 2.0]), &Tensor::from([1.5_f32, 2.0]));
/// assert_eq!(metric.result().to_scalar::<f32>()?, 0.5);
/// # Ok::<(), holotype::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric with state",
    label = "not a metric with state",
    note = "write `#[derive(Module)]` on the definition of the type, and `#[metric]` on its `impl Metric`"
)]
pub trait Metric: AnyModule {
    /// Takes a batch in: targets and what the model says of the inputs.
    fn update(&self, y_true: &Tensor, y_pred: &Tensor);

    /// Takes a batch in whose samples count as much as `weights` say, `[samples]`; a weight of 2 is the sample twice. It is asked
    /// for by [`weighted_metric`](crate::train::TrainerBuilder::weighted_metric), of data that have weights.
    ///
    /// # Errors
    /// A metric that does not say how samples count gives an error.
    fn update_weighted(&self, y_true: &Tensor, y_pred: &Tensor, weights: &Tensor) -> Result<()> {
        let _ = (y_true, y_pred, weights);
        Err(Error::Training(format!(
            "`{}` does not say how samples that have weights count: write `update_weighted` beside `update` in its `impl Metric`, or \
             report it with `.metric(...)`",
            self.name()
        )))
    }

    /// What is reported of all batches since [`Self::reset`]: one number, or a tensor of a fixed shape whose elements are
    /// reported one by one.
    fn result(&self) -> Tensor;

    /// Sets the state back.
    fn reset(&self);

    /// The name it is reported under: that of its type, in small letters.
    fn name(&self) -> String {
        reported_name(std::any::type_name::<Self>())
    }
}

/// What the registry holds of a metric with state.
pub struct MetricConstructor {
    /// Makes one from what a saved model holds.
    pub rebuild: fn(&mut Source<'_>) -> Result<Box<dyn Metric>>,
}

/// The registry entry of a metric with state.
pub const fn metric_module_entry<M: Metric + Module>(file: &'static str, line: u32) -> Entry {
    fn rebuild<M: Metric + Module>(source: &mut Source<'_>) -> Result<Box<dyn Metric>> {
        Ok(Box::new(source.module::<M>()?))
    }
    Entry {
        kind: Kind::Metric,
        name: M::TYPE.name,
        instance: "",
        aliases: M::TYPE.aliases,
        type_id: Some(TypeId::of::<M>),
        constructor: &const { MetricConstructor { rebuild: rebuild::<M> } },
        file,
        line,
    }
}
