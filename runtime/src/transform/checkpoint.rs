//! Recomputation instead of memory.

use crate::error::{Location, Result};
use crate::graph::{GradientRule, Origin, is_tracing, record_call, record_with, type_of};
use crate::tensor::{Leaves, Structure, Tensor, TensorType};

/// Applies `function` to `x`, and has a gradient run it again instead of keeping what is computed in it.
///
/// Training then needs memory for the inputs of `function` alone, and computes it twice (Chen et al., "Training Deep Nets
/// with Sublinear Memory Cost", 2016). The value and the gradient are the same, bit for bit, as without. Since it runs twice,
/// `function` may not draw random numbers or assign variables: taking a gradient of it then is an error. Outside of a
/// trace it just runs.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::transform::{checkpoint, grad};
///
/// let x = Tensor::from(0.5_f64);
/// let plain = grad(|x: &Tensor| x.sin().exp(), &x);
/// let again = grad(|x: &Tensor| checkpoint(|x: &Tensor| x.sin().exp(), x), &x);
/// assert_eq!(plain.to_scalar::<f64>()?, again.to_scalar::<f64>()?);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn checkpoint<X: Structure, Y: Structure>(function: impl FnOnce(&X) -> Y, x: &X) -> Y {
    if !is_tracing() {
        return function(x);
    }
    let location = Location::caller();
    recomputed(function, &Leaves::of(x), &location).unwrap_or_else(|error| Y::failed(&error))
}

fn recomputed<X: Structure, Y: Structure>(
    function: impl FnOnce(&X) -> Y,
    x: &Leaves,
    location: &Location,
) -> Result<Y> {
    let mut layout = Leaves::default();
    let recorded = record_with(
        "checkpoint",
        Origin::Derived("checkpoint".into()),
        typed(x)?,
        location,
        |parameters| {
            layout = Leaves::of(&function(&x.with(parameters.iter().cloned()).build()?));
            Ok(layout.tensors().cloned().collect())
        },
        |_, _, _| Ok(GradientRule::Recompute),
    )?;
    let operands: Vec<Tensor> = x.tensors().cloned().collect();
    layout.with(record_call(recorded.function, &operands, &recorded.captured, location)?).build()
}

/// The parameters for tensors.
pub(super) fn typed(x: &Leaves) -> Result<Vec<(String, TensorType)>> {
    let typed = |(index, tensor): (usize, &Tensor)| {
        let tensor = tensor.clone().ok()?;
        let kind = type_of(&tensor).unwrap_or_else(|| TensorType::new(tensor.dtype(), tensor.shape()));
        Ok((format!("x{index}"), kind))
    };
    x.tensors().enumerate().map(typed).collect()
}
