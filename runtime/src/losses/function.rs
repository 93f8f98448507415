//! What losses are: functions of two tensors, and modules that compute one.

use std::any::TypeId;

use super::several::Losses;
use crate::error::Result;
use crate::module::{AnyModule, Module, Source};
use crate::registry::{Entry, Kind};
use crate::tensor::Tensor;

/// A loss or metric as the registry holds it.
pub struct LossFunction(pub fn(&Tensor, &Tensor) -> Tensor);

/// What a model is trained to make small: a function of what is true and of what the model says.
///
/// Every function and closure of two tensors is one; `#[loss]` and `#[metric]` also give it a name. A loss with parameters is a
/// module, with `#[loss]` on its `impl Loss`:
///
/// ```
/// use holotype::prelude::*;
///
/// /// The mean of `|y_true - y_pred|^power`.
/// #[derive(Module)]
/// struct PowerLoss {
///     power: f32,
/// }
///
/// #[loss]
/// impl Loss for PowerLoss {
///     fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
///         (y_true - y_pred).abs().pow(self.power).mean()
///     }
/// }
///
/// let loss = PowerLoss { power: 3.0 };
/// assert_eq!(loss.compute(&Tensor::from([1.0_f32]), &Tensor::from([3.0_f32])).to_scalar::<f32>()?, 8.0);
/// assert_eq!(loss.name(), "power_loss");
/// # Ok::<(), holotype::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a loss or metric",
    label = "not a loss or metric",
    note = "name a function `fn(y_true: &Tensor, y_pred: &Tensor) -> Tensor` with `#[loss]` or `#[metric]` on it, and do not call it"
)]
pub trait Loss: Send + Sync + 'static {
    /// The number, as a tensor without dimensions; or one number for each sample, `[batch]`, whose mean is taken.
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor;

    /// The name it is reported under: the last part of its path, of a module in small letters; `function`, if it has none.
    fn name(&self) -> String {
        reported_name(std::any::type_name::<Self>())
    }

    /// The loss as a module, whose configuration and state are saved with the run. `#[loss]` on an impl writes it.
    fn module(&self) -> Option<&dyn AnyModule> {
        None
    }

    #[doc(hidden)]
    fn several(&self) -> Option<&Losses> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<F> Loss for F
where
    F: Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static,
{
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        self(y_true, y_pred)
    }
}

/// `top_k_accuracy` of the type `metrics::TopKAccuracy` or the function `metrics::top_k_accuracy`.
pub(crate) fn reported_name(path: &str) -> String {
    let path = path.split_once('<').map_or(path, |(path, _)| path);
    let last = path.rsplit("::").next().unwrap_or(path);
    // Closures are `{{closure}}`, and pointers `fn(..) -> ..` or `for<..> fn(..) -> ..`.
    if path == "for" || path.contains('(') || last.contains('{') {
        return "function".to_owned();
    }
    let letters: Vec<char> = last.chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && !letters[at - 1].is_uppercase() && letters[at - 1] != '_';
        let before_small = at > 0
            && letters[at - 1].is_uppercase()
            && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// What the registry holds of a loss that is a module.
pub struct LossConstructor {
    /// Makes one from what a saved model holds.
    pub rebuild: fn(&mut Source<'_>) -> Result<Box<dyn Loss>>,
}

/// The registry entry of a loss that is a module.
pub const fn loss_module_entry<L: Loss + Module>(file: &'static str, line: u32) -> Entry {
    fn rebuild<L: Loss + Module>(source: &mut Source<'_>) -> Result<Box<dyn Loss>> {
        Ok(Box::new(source.module::<L>()?))
    }
    Entry {
        kind: Kind::Loss,
        name: L::TYPE.name,
        instance: "",
        aliases: L::TYPE.aliases,
        type_id: Some(TypeId::of::<L>),
        constructor: &const { LossConstructor { rebuild: rebuild::<L> } },
        file,
        line,
    }
}

/// The registry entry of a loss.
pub const fn loss_entry(
    name: &'static str,
    aliases: &'static [&'static str],
    function: &'static LossFunction,
    file: &'static str,
    line: u32,
) -> Entry {
    entry(Kind::Loss, name, aliases, function, file, line)
}

/// The registry entry of a metric.
pub const fn metric_entry(
    name: &'static str,
    aliases: &'static [&'static str],
    function: &'static LossFunction,
    file: &'static str,
    line: u32,
) -> Entry {
    entry(Kind::Metric, name, aliases, function, file, line)
}

const fn entry(
    kind: Kind,
    name: &'static str,
    aliases: &'static [&'static str],
    function: &'static LossFunction,
    file: &'static str,
    line: u32,
) -> Entry {
    Entry { kind, name, instance: "", aliases, type_id: None, constructor: function, file, line }
}
