//! Losses and metrics of samples that count more or less.

use super::measure::Seen;
use crate::control::map;
use crate::error::{Error, Result};
use crate::graph::constrain;
use crate::losses::Loss;
use crate::tensor::{DType, Tensor};

/// What a function says of a batch.
pub(super) struct OfSamples {
    /// The sum of `weight * value` over the samples, divided by their number.
    pub value: Tensor,
    /// The sum of the weights, as an `f64`, if there are weights.
    pub share: Option<Tensor>,
}

/// What a function says of a batch: its mean over the samples. With weights, `sum(weight * value) / samples`, which is what Keras 3
/// calls `sum_over_batch_size`: weights of 2 make the loss twice as great, and weights of 0 still count in the number.
///
/// A function that gives one number for a batch is asked for each sample by itself, as a batch of one.
pub(super) fn of_samples(
    name: &str,
    function: &dyn Loss,
    seen: &Seen<'_>,
    weights: Option<&Tensor>,
) -> Result<OfSamples> {
    let &Seen { y_true, y_pred, .. } = seen;
    let value = function.compute(y_true, y_pred).ok()?;
    check(name, &value, y_true)?;
    let Some(weights) = weights else {
        let value = if value.rank() == 0 { value } else { value.mean() };
        return Ok(OfSamples { value, share: None });
    };
    let values = if value.rank() == 1 {
        value
    } else {
        let one = |(y_true, y_pred): (Tensor, Tensor)| {
            function.compute(&y_true.expand_dims(0), &y_pred.expand_dims(0))
        };
        map((y_true.clone(), y_pred.clone()), one).ok()?
    };
    let weighted = &values * weights.cast(values.dtype());
    Ok(OfSamples { value: weighted.mean().ok()?, share: Some(weights.cast(DType::F64).sum()) })
}

/// A float number, or one for each sample.
fn check(name: &str, value: &Tensor, y_true: &Tensor) -> Result<()> {
    let (found, samples) = (value.dim(0), y_true.dim(0));
    let fits = match value.rank() {
        0 => true,
        1 => constrain(|constraints| constraints.equal(&found, &samples)).is_ok(),
        _ => false,
    };
    if fits && value.dtype().is_float() {
        return Ok(());
    }
    Err(Error::Training(format!(
        "`{name}` gives {}, and a loss or metric gives one float number, or one for each sample: end it with `.mean()`, `.sum()`, or \
         a mean over all dimensions but the first",
        value.describe()
    )))
}
