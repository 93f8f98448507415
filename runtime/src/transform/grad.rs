//! Gradients of numbers.

use super::eager::recorded;
use super::vjp::linear;
use crate::error::{Error, Location};
use crate::tensor::{Leaves, Structure, Tensor};

/// The gradient at `x` of a function that gives one float number.
///
/// The gradient has the layout of `x`; integer tensors in it have a gradient of zeros. What the function uses besides `x`,
/// tensors from outside and variables, counts as constant. A gradient may be taken of a gradient. A failure gives a structure
/// whose tensors carry the error: a value that is no float number, a function without a gradient.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::transform::grad;
///
/// let x = Tensor::from([1.0_f64, 2.0, 3.0]);
/// let gradient = grad(|x: &Tensor| x.square().sum(), &x);
/// assert_eq!(gradient.to_vec::<f64>()?, [2.0, 4.0, 6.0]);
///
/// // The derivative of the derivative of a cube.
/// let second = grad(|x: &Tensor| grad(|x: &Tensor| x * x * x, x), &Tensor::from(2.0_f64));
/// assert_eq!(second.to_scalar::<f64>()?, 12.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn grad<X: Structure>(function: impl FnOnce(&X) -> Tensor, x: &X) -> X {
    value_and_grad(function, x).1
}

/// The value at `x` of a function that gives one float number, and its gradient as [`grad`] gives it.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::transform::value_and_grad;
///
/// let line = (Tensor::from(2.0_f32), Tensor::from(1.0_f32));
/// let x = Tensor::from([0.0_f32, 1.0]);
/// let error = |(slope, offset): &(Tensor, Tensor)| (slope * &x + offset - 1.0).square().sum();
/// let (value, (slope, offset)) = value_and_grad(error, &line);
/// assert_eq!(value.to_scalar::<f32>()?, 4.0);
/// assert_eq!((slope.to_scalar::<f32>()?, offset.to_scalar::<f32>()?), (4.0, 4.0));
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn value_and_grad<X: Structure>(function: impl FnOnce(&X) -> Tensor, x: &X) -> (Tensor, X) {
    let location = Location::caller();
    recorded("grad", &Leaves::of(x), &location, |x| {
        if !x.tensors().any(|tensor| tensor.dtype().is_float()) {
            let message = "there is no float tensor that the gradient could be with respect to".into();
            return Err(Error::Trace { function: "grad".into(), message });
        }
        let (value, linearized) = linear("grad", function, x, &location)?;
        let value: Tensor = value.build()?;
        if value.rank() != 0 || !value.dtype().is_float() {
            return Err(Error::Trace {
                function: "grad".into(),
                message: format!(
                    "the gradient is of one float number, and the function at {location} gives a tensor {}: \
                     reduce it with `.mean()` or `.sum()`",
                    value.describe()
                ),
            });
        }
        let gradients = linearized.pull(&[value.ones_like()])?;
        Ok((value, x.with(gradients).build()?))
    })
}
