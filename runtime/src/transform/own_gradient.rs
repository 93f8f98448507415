//! Functions with a gradient that the user gives.

use std::cell::RefCell;

use super::checkpoint::typed;
use crate::error::{Error, Location, Result};
use crate::graph::{GradientRule, Origin, is_tracing, record_call, record_function, record_with};
use crate::tensor::{Leaves, Structure, Tensor};

thread_local! {
    /// The names of the functions whose gradients are being traced.
    static WITHIN: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Applies `function` to `x`; its gradient is what `gradient` gives for `x`, for the value, and for the gradient of the
/// value. The `#[gradient]` attribute writes a call of it.
///
/// Both are traced and saved as a pair under `name`, so a program without the code can differentiate it too. They compute
/// with what they are given and with constants: a tensor from outside or a variable has to be part of `x`. `gradient`
/// gives a tensor of the same dtype and shape for each tensor of `x`; what it gives for integer tensors is not used. A
/// second derivative goes through `gradient`; where that applies the function itself, that counts with its own nodes.
/// Outside of a trace, `function` just runs.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::transform::{grad, with_gradient};
///
/// /// Rounds, and lets gradients through as if it did not.
/// fn round_through(x: &Tensor) -> Tensor {
///     with_gradient("example::round_through", x.clone(), |x| x.round(), |_, _, gradient| gradient.clone())
/// }
///
/// let gradient = grad(|x: &Tensor| round_through(&(x * 3.0)), &Tensor::from(0.7_f32));
/// assert_eq!(gradient.to_scalar::<f32>()?, 3.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn with_gradient<X: Structure, Y: Structure>(
    name: &'static str,
    x: X,
    function: impl FnOnce(&X) -> Y,
    gradient: impl FnOnce(&X, &Y, &Y) -> X,
) -> Y {
    let within = WITHIN.with_borrow(|names| names.contains(&name));
    if !is_tracing() || within {
        return function(&x);
    }
    let location = Location::caller();
    pair(name, &Leaves::of(&x), function, gradient, &location).unwrap_or_else(|error| Y::failed(&error))
}

fn pair<X: Structure, Y: Structure>(
    name: &'static str,
    x: &Leaves,
    function: impl FnOnce(&X) -> Y,
    gradient: impl FnOnce(&X, &Y, &Y) -> X,
    location: &Location,
) -> Result<Y> {
    let short = name.rsplit("::").next().unwrap_or(name);
    let layout = RefCell::new(Leaves::default());
    let recorded = record_with(
        short,
        Origin::Composition(name.to_owned()),
        typed(x)?,
        location,
        |parameters| {
            let y = Leaves::of(&function(&x.with(parameters.iter().cloned()).build()?));
            layout.replace(y.clone());
            Ok(y.tensors().cloned().collect())
        },
        |inputs, outputs, captured| {
            if captured > 0 {
                return Err(outside(short, "it"));
            }
            let types = inputs.iter().chain(outputs).chain(outputs);
            let parameters = types.enumerate().map(|(index, kind)| (format!("x{index}"), kind.clone()));
            let origin = Origin::Derived(format!("gradient of {name}"));
            let y = layout.borrow().clone();
            let own = record_function(
                &format!("{short}.gradient"),
                origin,
                parameters.collect(),
                location,
                |parameters| {
                    let mut parameters = parameters.iter().cloned();
                    let x_again = x.with(parameters.by_ref().take(x.len()));
                    let value = y.with(parameters.by_ref().take(y.len())).build()?;
                    let of_value = y.with(parameters).build()?;
                    let found = Leaves::of(&guarded(name, || {
                        Ok(gradient(&x_again.clone().build()?, &value, &of_value))
                    })?);
                    check(short, &x_again, &found)?;
                    let given = x_again.tensors().zip(found.tensors());
                    // The gradient of an integer is not used, and has no dtype of its own.
                    let kept = given
                        .map(|(x, found)| if x.dtype().is_float() { found.clone() } else { x.zeros_like() });
                    Ok(kept.collect())
                },
            )?;
            if own.captured.is_empty() {
                Ok(GradientRule::Own(own.function))
            } else {
                Err(outside(short, "its gradient"))
            }
        },
    )?;
    let operands: Vec<Tensor> = x.tensors().cloned().collect();
    layout.into_inner().with(record_call(recorded.function, &operands, &[], location)?).build()
}

/// Runs the code of a gradient, in which the function itself has no gradient of its own.
fn guarded<R>(name: &'static str, code: impl FnOnce() -> Result<R>) -> Result<R> {
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            WITHIN.with_borrow_mut(Vec::pop);
        }
    }
    WITHIN.with_borrow_mut(|names| names.push(name));
    let _guard = Guard;
    code()
}

fn check(name: &str, x: &Leaves, found: &Leaves) -> Result<()> {
    let fail = |message: String| Err(Error::Trace { function: format!("gradient of {name}"), message });
    if x.len() != found.len() {
        return fail(format!("it gives {} tensors for {} inputs", found.len(), x.len()));
    }
    for ((path, x), found) in x.paths().zip(x.tensors()).zip(found.tensors()) {
        let found = found.clone().ok()?;
        if x.dtype().is_float() && (x.dtype() != found.dtype() || x.shape() != found.shape()) {
            let of = if path.is_empty() { "the input".to_owned() } else { format!("input `{path}`") };
            return fail(format!("for {of}, {}, it gives {}", x.describe(), found.describe()));
        }
    }
    Ok(())
}

fn outside(name: &str, what: &str) -> Error {
    Error::Trace {
        function: name.to_owned(),
        message: format!(
            "{what} uses a tensor from outside, for which no gradient is given: make the tensor an input"
        ),
    }
}
