//! Loops that count, and loops that go on while something holds.

use std::sync::Arc;

use super::range::{Bounds, LoopRange};
use super::site::{Site, Types, no_error, outcome, types_of};
use crate::error::{Location, Result};
use crate::graph::{
    DynOp, Operation, Region, is_tracing, record, record_repeat, recorded_at, region, type_of,
};
use crate::ops::StopGradient;
use crate::tensor::{DType, Dim, Leaves, Structure, Tensor, TensorType};

/// The state after `body` has been applied to it for as long as `condition` holds, which may be not once.
///
/// `condition` gives one bool. In a trace both are traced once, whatever the condition is, and the loop is kept in the graph.
/// A loop that never ends is not noticed.
///
/// Its gradient runs the loop once more and keeps the state before each iteration. The variables that the body assigns are
/// part of that state; one that it only reads must not have changed before the loop. Second derivatives take time for the square of the number of iterations. [`fori_loop`] and
/// [`scan`](super::scan) have neither cost.
/// ([StableHLO `while`](https://openxla.org/stablehlo/spec#while))
///
/// # Errors
/// The state carries the error if the condition is not one bool, or if the body fails or gives a state of another structure,
/// dtype or shape. Outside of a trace, state without tensors cannot carry an error, and the loop just ends.
///
/// ```
/// use holotype::prelude::*;
/// // Newton's method for the square root of 2.
/// let start = Tensor::from(1.0_f64);
/// let root = control::while_loop(
///     start,
///     |x| (x * x - 2.0).abs().greater(1e-12),
///     |x| (&x + Tensor::from(2.0_f64) / &x) * 0.5,
/// );
/// assert!((root.to_scalar::<f64>()? - 2.0_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn while_loop<S: Structure>(
    state: S,
    mut condition: impl FnMut(&S) -> Tensor,
    mut body: impl FnMut(S) -> S,
) -> S {
    let site = Site::new("while_loop");
    let leaves = Leaves::of(&state);
    let result = if is_tracing() {
        record_while(
            &site,
            None,
            &leaves,
            |_, state| Ok(condition(&state.build()?)),
            |_, state| Ok(Leaves::of(&body(state.build()?))),
        )
        .and_then(Leaves::build)
    } else {
        run_while(&site, state, &leaves, condition, body)
    };
    outcome(result, Some(&leaves))
}

const CONDITION: &str = "the condition of a loop";

fn run_while<S: Structure>(
    site: &Site,
    mut state: S,
    leaves: &Leaves,
    mut condition: impl FnMut(&S) -> Tensor,
    mut body: impl FnMut(S) -> S,
) -> Result<S> {
    no_error(leaves)?;
    let types = concrete_types(leaves);
    while site.truth(CONDITION, &condition(&state))? {
        state = body(state);
        site.check_state(&types, &Leaves::of(&state))?;
    }
    Ok(state)
}

/// The state after `body` has been applied to it for each number of a range, from the first to the last.
///
/// `body` takes the number, of dtype `i64`, and the state. The range is one of integers, of sizes such as
/// `Dim::from(0)..x.dim(0)`, or of tensors that are one number of an integer dtype. A range whose end is not above its start is
/// empty; one of symbolic sizes whose end is below its start is an error of the call.
///
/// In a trace the loop is kept in the graph. One over integers or sizes has a known number of iterations, and a gradient that
/// remembers what each of them needs. To go over the slices of a tensor, [`scan`](super::scan) and [`map`](super::map) take
/// less: the gradient of an index is a tensor of the whole size, in each iteration.
///
/// # Errors
/// The state carries the error if a bound is not such a number, or if the body fails or gives a state of another structure,
/// dtype or shape. Outside of a trace, state without tensors cannot carry an error, and the loop just ends.
///
/// ```
/// use holotype::prelude::*;
/// let (a, b) = control::fori_loop(
///     0..10,
///     (Tensor::from(0_i64), Tensor::from(1_i64)),
///     |_, (a, b)| (b.clone(), a + b),
/// );
/// assert_eq!((a.to_scalar::<i64>()?, b.to_scalar::<i64>()?), (55, 89));
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn fori_loop<S: Structure>(range: impl LoopRange, state: S, mut body: impl FnMut(&Tensor, S) -> S) -> S {
    let site = Site::new("fori_loop");
    let leaves = Leaves::of(&state);
    let bounds = match resolve(&site, range.into_bounds()) {
        Ok(bounds) => bounds,
        Err(error) => return outcome(Err(error), Some(&leaves)),
    };
    let traced_body = |index: &Tensor, state: Leaves| Ok(Leaves::of(&body(index, state.build()?)));
    let result = match bounds {
        Bounds::Sizes(start, end) if is_tracing() => {
            record_for(&site, &start, &end, &leaves, traced_body).and_then(Leaves::build)
        }
        Bounds::Sizes(start, end) => run_for(&site, (&start, &end), state, &leaves, body),
        Bounds::Tensors(start, end) => {
            let below = |index: &Tensor, _: Leaves| Ok(recorded_at(&site.location, || index.less(&end)));
            record_while(&site, Some(&start), &leaves, below, traced_body).and_then(Leaves::build)
        }
    };
    outcome(result, Some(&leaves))
}

/// Bounds that are tensors only where they have no values yet.
pub(super) fn resolve(site: &Site, bounds: Bounds) -> Result<Bounds> {
    let Bounds::Tensors(start, end) = bounds else { return Ok(bounds) };
    for (what, bound) in [("start", &start), ("end", &end)] {
        let bound = bound.clone().ok()?;
        let kind = type_of(&bound);
        if !kind.is_some_and(|kind| kind.dtype.is_int() && kind.rank() == 0) {
            let message =
                format!("the {what} of the range is one number of an integer dtype: take one element");
            return Err(site.error(&[&bound], message));
        }
    }
    let [start, end] = recorded_at(&site.location, || [start.cast(DType::I64), end.cast(DType::I64)]);
    if is_tracing() && (start.is_symbolic() || end.is_symbolic()) {
        return Ok(Bounds::Tensors(start, end));
    }
    Ok(Bounds::Sizes(start.to_scalar::<i64>()?.into(), end.to_scalar::<i64>()?.into()))
}

fn run_for<S: Structure>(
    site: &Site,
    (start, end): (&Dim, &Dim),
    mut state: S,
    leaves: &Leaves,
    mut body: impl FnMut(&Tensor, S) -> S,
) -> Result<S> {
    no_error(leaves)?;
    let known = |bound: &Dim| {
        let message = "the size is known only in the trace that it comes from: use the size of a tensor";
        bound.constant().ok_or_else(|| site.error(&[], format!("{bound} in the range: {message}")))
    };
    let types = concrete_types(leaves);
    for index in known(start)?..known(end)? {
        state = body(&Tensor::scalar(index), state);
        site.check_state(&types, &Leaves::of(&state))?;
    }
    Ok(state)
}

pub(super) fn concrete_types(leaves: &Leaves) -> Types {
    types_of(leaves, &leaves.tensors().cloned().collect::<Vec<_>>())
}

/// The inputs of a function that takes the state of a loop.
pub(super) fn state_inputs(leaves: &Leaves, what: &str) -> Vec<(String, TensorType)> {
    let name = |path: &str| if path.is_empty() { what.to_owned() } else { format!("{what}.{path}") };
    leaves
        .paths()
        .zip(leaves.tensors())
        .filter_map(|(path, leaf)| Some((name(path), type_of(leaf)?)))
        .collect()
}

fn index_input() -> (String, TensorType) {
    ("index".to_owned(), TensorType::new(DType::I64, crate::tensor::Shape::from(())))
}

/// Records a loop over a condition; one that counts has its number beside the state.
fn record_while(
    site: &Site,
    start: Option<&Tensor>,
    leaves: &Leaves,
    condition: impl FnOnce(&Tensor, Leaves) -> Result<Tensor>,
    body: impl FnOnce(&Tensor, Leaves) -> Result<Leaves>,
) -> Result<Leaves> {
    no_error(leaves)?;
    // Asked for before each function, since the one before may have found out more about sizes.
    let inputs = || start.iter().map(|_| index_input()).chain(state_inputs(leaves, "state")).collect();
    let name = format!("{}.condition", site.name);
    let condition = region(&name, inputs(), &site.location, |parameters| {
        let (index, state) = parts(start.is_some(), parameters);
        let holds = condition(&index, leaves.with(state.iter().cloned()))?;
        site.check_truth(CONDITION, &holds)?;
        Ok(vec![holds])
    })?;
    let name = format!("{}.body", site.name);
    let body = region(&name, inputs(), &site.location, |parameters| {
        step(site, start.is_some(), leaves, parameters, body)
    })?;
    let operands: Vec<Tensor> = start.into_iter().cloned().chain(leaves.tensors().cloned()).collect();
    let results = repeat(&[condition, body], &operands, &site.location)?;
    Ok(leaves.with(results.into_iter().skip(usize::from(start.is_some()))))
}

/// Records a `while` over this state: a condition and a body.
pub(super) fn repeat(regions: &[Region; 2], state: &[Tensor], location: &Location) -> Result<Vec<Tensor>> {
    let count = u32::try_from(state.len()).unwrap_or(u32::MAX);
    let stop: Arc<dyn DynOp> = Arc::new(StopGradient);
    record_repeat(regions, state, count, &stop, location)
}

/// Records a loop whose number of iterations is a size.
fn record_for(
    site: &Site,
    start: &Dim,
    end: &Dim,
    leaves: &Leaves,
    body: impl FnOnce(&Tensor, Leaves) -> Result<Leaves>,
) -> Result<Leaves> {
    no_error(leaves)?;
    let length = end - start;
    let length = if length.constant().is_some_and(|length| length < 0) { Dim::from(0_i64) } else { length };
    let inputs = std::iter::once(index_input()).chain(state_inputs(leaves, "state")).collect();
    let name = format!("{}.body", site.name);
    let body =
        region(&name, inputs, &site.location, |parameters| step(site, true, leaves, parameters, body))?;
    let start = match start.constant() {
        Some(start) => Tensor::scalar(start),
        None => recorded_at(&site.location, || Tensor::size(start)),
    };
    let operands: Vec<Tensor> = std::iter::once(start).chain(leaves.tensors().cloned()).collect();
    let state = u32::try_from(operands.len()).unwrap_or(u32::MAX);
    let operation = Operation::Scan { body: body.function(), state, inputs: 0, length, reverse: false };
    let results = record(&[body], &operands, operation, &site.location)?;
    Ok(leaves.with(results.into_iter().skip(1)))
}

/// The body of a loop on its parameters: the next index, if it counts, and the new state.
fn step(
    site: &Site,
    counts: bool,
    leaves: &Leaves,
    parameters: &[Tensor],
    body: impl FnOnce(&Tensor, Leaves) -> Result<Leaves>,
) -> Result<Vec<Tensor>> {
    let (index, state) = parts(counts, parameters);
    let after = body(&index, leaves.with(state.iter().cloned()))?;
    site.check_state(&types_of(leaves, state), &after)?;
    let next = counts.then(|| recorded_at(&site.location, || index + 1));
    Ok(next.into_iter().chain(after.tensors().cloned()).collect())
}

/// The number that a loop counts with, if it does, and the state.
fn parts(counts: bool, parameters: &[Tensor]) -> (Tensor, &[Tensor]) {
    match parameters.split_first() {
        Some((index, state)) if counts => (index.clone(), state),
        _ => (Tensor::scalar(0_i64), parameters),
    }
}
