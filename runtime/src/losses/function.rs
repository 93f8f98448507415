//! What losses and metrics are: functions of two tensors.

use crate::registry::{Entry, Kind};
use crate::tensor::Tensor;

/// A loss or metric as the registry holds it.
pub struct LossFunction(pub fn(&Tensor, &Tensor) -> Tensor);

/// What a model is trained to make small, or a number that tells how good it is: a function of what is true and of what
/// the model says.
///
/// Every function and closure of two tensors is one; `#[loss]` and `#[metric]` also give it a name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a loss or metric",
    label = "not a loss or metric",
    note = "name a function `fn(y_true: &Tensor, y_pred: &Tensor) -> Tensor` with `#[loss]` or `#[metric]` on it, and do not call it"
)]
pub trait Loss: Send + Sync + 'static {
    /// The number, as a tensor without dimensions.
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor;

    /// The name it is reported under: the last part of its path; `function`, if it has none.
    fn name(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<F> Loss for F
where
    F: Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static,
{
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        self(y_true, y_pred)
    }

    fn name(&self) -> String {
        let path = std::any::type_name::<F>();
        let path = path.split_once('<').map_or(path, |(path, _)| path);
        let last = path.rsplit("::").next().unwrap_or(path);
        // Closures are `{{closure}}`, and pointers `fn(..) -> ..` or `for<..> fn(..) -> ..`.
        let is_name = path != "for" && !path.contains('(') && !last.contains('{');
        if is_name { last.to_owned() } else { "function".to_owned() }
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
