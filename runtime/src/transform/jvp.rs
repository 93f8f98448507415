//! Jacobian-vector products.

use super::eager::recorded;
use super::vjp::{Whole, check, linear};
use crate::autodiff::linearize;
use crate::error::Location;
use crate::tensor::{Leaves, Structure, Tensor};

/// The value of `function` at `x`, and the product of the Jacobian there with `tangent`: how the value changes when `x`
/// moves along `tangent`.
///
/// `tangent` has the layout, dtypes and shapes of `x`; integer tensors do not move. The product has the layout of the
/// value. It is the gradient of the vector-Jacobian product, which is linear in its vector, with respect to that vector
/// (Townsend, "A new trick for calculating Jacobian vector products", 2017). A failure gives structures whose tensors carry the
/// error.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::transform::jvp;
///
/// let x = Tensor::from([1.0_f32, 2.0]);
/// let (y, change) = jvp(|x: &Tensor| x * x, &x, &Tensor::from([1.0_f32, 0.5]));
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 4.0]);
/// assert_eq!(change.to_vec::<f32>()?, [2.0, 2.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn jvp<X: Structure, Y: Structure>(function: impl FnOnce(&X) -> Y, x: &X, tangent: &X) -> (Y, Y) {
    let location = Location::caller();
    let inputs = Leaves::of(&(Whole(Leaves::of(x)), Whole(Leaves::of(tangent))));
    let (x, tangent) = (Leaves::of(x), Leaves::of(tangent));
    recorded("jvp", &inputs, &location, |inputs| {
        let mut tensors = inputs.tensors().cloned();
        let x = x.with(tensors.by_ref().take(x.len()));
        let tangents = tangent.with(tensors);
        check("tangent", "point", &x, &tangents)?;
        let (y, linearized) = linear("jvp", function, &x, &location)?;
        let zeros: Vec<(String, Tensor)> = y
            .tensors()
            .enumerate()
            .map(|(index, tensor)| (format!("gradient_{index}"), tensor.zeros_like()))
            .collect();
        let transposed = linearize("jvp.transposed", &zeros, &location, |zeros| linearized.pull(zeros))?;
        let tangents: Vec<Tensor> = tangents.tensors().cloned().collect();
        let change = y.with(transposed.pull(&tangents)?).build()?;
        Ok((y.build()?, change))
    })
}
