//! Vector-Jacobian products.

use super::eager::recorded;
use crate::autodiff::{Linearized, linearize};
use crate::error::{Error, Location, Result};
use crate::tensor::{Leaves, Structure, Tensor};

/// The value of `function` at `x`, and the product of `gradient`, a gradient of that value, with the Jacobian there: what
/// reverse mode computes.
///
/// `gradient` has the layout, dtypes and shapes of the value; integer tensors in either have no gradient and count as
/// constant. The product has the layout of `x`, with zeros for integer tensors. What `function` uses besides `x`,
/// tensors from outside and variables, counts as constant. A failure gives structures whose tensors carry the error.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::transform::vjp;
///
/// let x = Tensor::from([1.0_f32, 2.0]);
/// let (y, gradient) = vjp(|x: &Tensor| x * x, &x, &Tensor::from([10.0_f32, 100.0]));
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 4.0]);
/// assert_eq!(gradient.to_vec::<f32>()?, [20.0, 400.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn vjp<X: Structure, Y: Structure>(function: impl FnOnce(&X) -> Y, x: &X, gradient: &Y) -> (Y, X) {
    let location = Location::caller();
    let inputs = Leaves::of(&(Whole(Leaves::of(x)), Whole(Leaves::of(gradient))));
    let (x, gradient) = (Leaves::of(x), Leaves::of(gradient));
    recorded("vjp", &inputs, &location, |inputs| {
        let mut tensors = inputs.tensors().cloned();
        let x = x.with(tensors.by_ref().take(x.len()));
        let gradients = gradient.with(tensors);
        let (y, linearized) = linear("vjp", function, &x, &location)?;
        check("gradient", "value", &y, &gradients)?;
        let gradients: Vec<Tensor> = gradients.tensors().cloned().collect();
        let product = x.with(linearized.pull(&gradients)?).build()?;
        Ok((y.build()?, product))
    })
}

/// Tensors whose paths do not matter.
pub(super) struct Whole(pub Leaves);

impl Structure for Whole {
    fn flatten(&self, path: &crate::tensor::Path, leaves: &mut Leaves) {
        for (index, tensor) in self.0.tensors().enumerate() {
            leaves.push(&path.join(&index.to_string()), tensor.clone());
        }
    }

    fn unflatten(path: &crate::tensor::Path, leaves: &mut Leaves) -> Result<Self> {
        let mut own = Leaves::default();
        for name in leaves.children(path) {
            let path = path.join(&name);
            let tensor = leaves.take(&path)?;
            own.push(&path, tensor);
        }
        Ok(Self(own))
    }

    fn failed(_: &Error) -> Self {
        Self(Leaves::default())
    }
}

/// Applies a function in the trace in progress, ready for its derivative.
pub(super) fn linear<X: Structure, Y: Structure>(
    name: &str,
    function: impl FnOnce(&X) -> Y,
    x: &Leaves,
    location: &Location,
) -> Result<(Leaves, Linearized)> {
    let operands: Vec<(String, Tensor)> =
        x.tensors().enumerate().map(|(index, tensor)| (format!("x{index}"), tensor.clone())).collect();
    let mut layout = Leaves::default();
    let linearized = linearize(name, &operands, location, |parameters| {
        let y = function(&x.with(parameters.iter().cloned()).build()?);
        layout = Leaves::of(&y);
        Ok(layout.tensors().cloned().collect())
    })?;
    Ok((layout.with(linearized.outputs.iter().cloned()), linearized))
}

/// Checks that two structures have the same layout, dtypes and shapes.
pub(super) fn check(what: &str, of: &str, expected: &Leaves, found: &Leaves) -> Result<()> {
    let fail = |message: String| Err(Error::Trace { function: what.to_owned(), message });
    if !expected.paths().eq(found.paths()) {
        let list =
            |leaves: &Leaves| leaves.paths().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        return fail(format!("it has the tensors {}, and the {of} has {}", list(found), list(expected)));
    }
    for ((path, expected), found) in expected.paths().zip(expected.tensors()).zip(found.tensors()) {
        let found = found.clone().ok()?;
        if expected.dtype().is_float()
            && (expected.dtype() != found.dtype() || expected.shape() != found.shape())
        {
            let at = if path.is_empty() { String::new() } else { format!(" at `{path}`") };
            return fail(format!(
                "its tensor{at} is {}, and that of the {of} is {}: give one of the same dtype and shape",
                found.describe(),
                expected.describe()
            ));
        }
    }
    Ok(())
}
