//! Loops over the items of tensors.

use super::loops::{concrete_types, state_inputs};
use super::site::{Site, Types, layout_difference, no_error, outcome, place, types_of, unify};
use crate::error::Result;
use crate::graph::{Construction, Operation, Origin, active, constrain, is_tracing, record, region, type_of};
use crate::tensor::{Dim, Leaves, Shape, Stack, Structure, Tensor, TensorType};

/// The state after `body` has been applied to it and to each item of `inputs`, and what it gave for the items, stacked.
///
/// The items of a structure are the structures of its tensors' items: what stands at one index of dimension 0, without that
/// dimension. `body` takes the state and an item; it gives the new state and an output, whose tensors are stacked along a new
/// dimension 0. With no items, the state is as it came, and the stacks are empty.
///
/// In a trace, the body is traced once, and the loop is kept in the graph.
///
/// # Errors
/// Both results carry the error if an input has no dimension 0, if the inputs have different numbers of items, or if the body
/// fails, gives a state of another structure, dtype or shape, or outputs that differ in these from item to item.
///
/// ```
/// use holotype::prelude::*;
/// let x = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
/// let (sum, sums) = control::scan(Tensor::from(0.0_f32), x, |sum: Tensor, x: Tensor| {
///     let sum = sum + x;
///     (sum.clone(), sum)
/// });
/// assert_eq!(sum.to_scalar::<f32>()?, 10.0);
/// assert_eq!(sums.to_vec::<f32>()?, [1.0, 3.0, 6.0, 10.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn scan<S: Structure, X: Structure, Y: Structure>(
    state: S,
    inputs: X,
    body: impl FnMut(S, X) -> (S, Y),
) -> (S, Y) {
    Items { site: Site::new("scan"), reverse: false }.scan(state, &inputs, body)
}

/// As [`scan`], from the last item to the first. Outputs stand at the index of their item.
///
/// # Errors
/// As for [`scan`].
///
/// ```
/// use holotype::prelude::*;
/// let x = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
/// let (_, rest) = control::scan_reverse(Tensor::from(0.0_f32), x, |sum: Tensor, x: Tensor| {
///     let sum = sum + x;
///     (sum.clone(), sum)
/// });
/// assert_eq!(rest.to_vec::<f32>()?, [10.0, 9.0, 7.0, 4.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn scan_reverse<S: Structure, X: Structure, Y: Structure>(
    state: S,
    inputs: X,
    body: impl FnMut(S, X) -> (S, Y),
) -> (S, Y) {
    Items { site: Site::new("scan_reverse"), reverse: true }.scan(state, &inputs, body)
}

/// What `body` gives for each item of `inputs`, stacked; items are those of [`scan`].
///
/// # Errors
/// As for [`scan`].
///
/// ```
/// use holotype::prelude::*;
/// let rows = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
/// let products = control::map((rows.clone(), rows), |(x, y): (Tensor, Tensor)| x.matmul(y));
/// assert_eq!(products.to_vec::<f32>()?, [5.0, 25.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn map<X: Structure, Y: Structure>(inputs: X, mut body: impl FnMut(X) -> Y) -> Y {
    let items = Items { site: Site::new("map"), reverse: false };
    items.scan((), &inputs, |(), item| ((), body(item))).1
}

/// A loop over items.
struct Items {
    site: Site,
    reverse: bool,
}

/// The tensors of what a scan gives.
struct Scanned {
    state: Leaves,
    outputs: Leaves,
}

impl Items {
    fn scan<S: Structure, X: Structure, Y: Structure>(
        &self,
        state: S,
        inputs: &X,
        mut body: impl FnMut(S, X) -> (S, Y),
    ) -> (S, Y) {
        let state = Leaves::of(&state);
        let mut outputs = None;
        let mut step = |before: Leaves, item: Leaves| {
            let (after, output) = body(before.build()?, item.build()?);
            let scanned = Scanned { state: Leaves::of(&after), outputs: Leaves::of(&output) };
            outputs.get_or_insert_with(|| scanned.outputs.clone());
            no_error(&scanned.outputs)?;
            Ok(scanned)
        };
        let inputs = Leaves::of(inputs);
        let scanned = if is_tracing() {
            self.record(&state, &inputs, &mut step)
        } else {
            self.run(&state, &inputs, &mut step)
        };
        let scanned = scanned.and_then(|scanned| Ok((scanned.state.build()?, scanned.outputs.build()?)));
        match scanned {
            Ok(results) => results,
            Err(error) => (outcome(Err(error.clone()), Some(&state)), outcome(Err(error), outputs.as_ref())),
        }
    }

    /// The number of items; sizes that are open become equal.
    fn length(&self, inputs: &Leaves) -> Result<Dim> {
        let mut known: Option<(&str, Dim)> = None;
        for (path, input) in inputs.paths().zip(inputs.tensors()) {
            let kind = type_of(&input.clone().ok()?);
            let first = kind.and_then(|kind| kind.shape.first().cloned()).ok_or_else(|| {
                let place = place("the inputs", path);
                let message =
                    format!("{place} has no dimension 0 to go through: give it one with `.expand_dims(0)`");
                self.site.error(&[input], message)
            })?;
            let Some((other, length)) = &mut known else {
                known = Some((path, first));
                continue;
            };
            let equal = constrain(|constraints| constraints.equal(length, &first));
            *length = equal.map_err(|reason| {
                self.site.error(&[], format!(
                    "the inputs have different numbers of items: {} has {length}, {} has {first} ({reason})",
                    place("the inputs", other),
                    place("the inputs", path)
                ))
            })?;
        }
        known.map(|(_, length)| length).ok_or_else(|| {
            self.site.error(&[], "the inputs hold no tensor, so there are no items: count with `fori_loop`")
        })
    }

    fn record(
        &self,
        state: &Leaves,
        inputs: &Leaves,
        step: &mut dyn FnMut(Leaves, Leaves) -> Result<Scanned>,
    ) -> Result<Scanned> {
        no_error(state)?;
        let length = self.length(inputs)?;
        let parameters = item_inputs(state, inputs);
        let mut outputs = Leaves::default();
        let name = format!("{}.body", self.site.name);
        let body = region(&name, parameters, &self.site.location, |parameters| {
            let (before, item) = parameters.split_at(state.len().min(parameters.len()));
            let scanned = step(state.with(before.iter().cloned()), inputs.with(item.iter().cloned()))?;
            self.site.check_state(&types_of(state, before), &scanned.state)?;
            outputs = scanned.outputs;
            Ok(scanned.state.tensors().chain(outputs.tensors()).cloned().collect())
        })?;
        let operands: Vec<Tensor> = state.tensors().chain(inputs.tensors()).cloned().collect();
        let count = |leaves: &Leaves| u32::try_from(leaves.len()).unwrap_or(u32::MAX);
        let (carried, taken, reverse) = (count(state), count(inputs), self.reverse);
        let operation =
            Operation::Scan { body: body.function(), state: carried, inputs: taken, length, reverse };
        let mut results = record(&[body], &operands, operation, &self.site.location)?;
        let stacks = results.split_off(state.len().min(results.len()));
        Ok(Scanned { state: state.with(results), outputs: outputs.with(stacks) })
    }

    fn run(
        &self,
        state: &Leaves,
        inputs: &Leaves,
        step: &mut dyn FnMut(Leaves, Leaves) -> Result<Scanned>,
    ) -> Result<Scanned> {
        no_error(state)?;
        let length = self.length(inputs)?;
        let length = length.as_usize().ok_or_else(|| {
            self.site
                .error(&[], format!("the number of items, {length}, is known only in a trace that has ended"))
        })?;
        let types = concrete_types(state);
        let mut current = state.clone();
        let mut stacks: Option<(Leaves, Types, Vec<Stack>)> = None;
        for number in 0..length {
            let index = if self.reverse { length - 1 - number } else { number };
            let items = inputs.tensors().map(|input| Ok(Tensor::from_data(input.data()?.item(index)?)));
            let items = items.collect::<Result<Vec<_>>>()?;
            let scanned = step(current, inputs.with(items))?;
            self.site.check_state(&types, &scanned.state)?;
            current = scanned.state;
            if stacks.is_none() {
                let types = concrete_types(&scanned.outputs);
                let each = self.stacks(&types, length)?;
                stacks = Some((scanned.outputs.clone(), types, each));
            }
            if let Some((_, types, stacks)) = &mut stacks {
                self.put(index, &scanned.outputs, types, stacks)?;
            }
        }
        let (layout, stacks) = match stacks {
            Some((layout, _, stacks)) => (layout, stacks),
            None => self.without_items(state, inputs, step)?,
        };
        let stacked = stacks.into_iter().map(|stack| stack.finish().map(Tensor::from_data));
        Ok(Scanned { state: current, outputs: layout.with(stacked.collect::<Result<Vec<_>>>()?) })
    }

    /// A stack for each tensor of an output.
    fn stacks(&self, types: &Types, length: usize) -> Result<Vec<Stack>> {
        let mut stacks = Vec::with_capacity(types.len());
        for (path, kind) in types {
            let sizes = kind.shape.concrete().map(|item| [&[length][..], &item].concat());
            let stack = sizes.ok_or_else(|| "a size is not known".to_owned());
            let stack = stack.and_then(|sizes| Stack::new(kind.dtype, sizes));
            let refused =
                |message| self.site.error(&[], format!("{}: {message}", place("the outputs", path)));
            stacks.push(stack.map_err(refused)?);
        }
        Ok(stacks)
    }

    fn put(&self, index: usize, outputs: &Leaves, types: &Types, stacks: &mut [Stack]) -> Result<()> {
        if let Some(difference) = layout_difference(types, outputs, "one item's", "another's") {
            let message = format!("the outputs of the items differ in structure: {difference}");
            return Err(self.site.error(&[], message));
        }
        for (((path, kind), output), stack) in types.iter().zip(outputs.tensors()).zip(stacks) {
            let Some(found) = type_of(output) else { continue };
            if unify(kind, &found).is_err() {
                let message = format!(
                    "{} is {kind} for one item and {found} for item {index}: give the same dtype and shape for all",
                    place("the outputs", path)
                );
                return Err(self.site.error(&[], message));
            }
            stack.put(index, output.data()?)?;
        }
        Ok(())
    }

    /// The empty stacks where there are no items: the body is traced, to find out what it would give, and forgotten.
    fn without_items(
        &self,
        state: &Leaves,
        inputs: &Leaves,
        step: &mut dyn FnMut(Leaves, Leaves) -> Result<Scanned>,
    ) -> Result<(Leaves, Vec<Stack>)> {
        let parameters = item_inputs(state, inputs);
        let mut construction = Construction::new(self.site.name);
        construction.adopted = Some(Vec::new());
        let origin = Origin::Derived(self.site.name.to_owned());
        let parameters = construction.begin(self.site.name, origin, parameters);
        let (construction, traced) = active(construction, || {
            let (before, item) = parameters.split_at(state.len().min(parameters.len()));
            let scanned = step(state.with(before.iter().cloned()), inputs.with(item.iter().cloned()))?;
            self.site.check_state(&types_of(state, before), &scanned.state)?;
            let tensors: Vec<Tensor> = scanned.outputs.tensors().cloned().collect();
            Ok((types_of(&scanned.outputs, &tensors), scanned.outputs))
        });
        if let Some(error) = construction.and_then(|construction| construction.failure) {
            return Err(error);
        }
        let (types, outputs): (Types, Leaves) = traced?;
        Ok((outputs, self.stacks(&types, 0)?))
    }
}

/// The inputs of a function that takes the state and an item.
fn item_inputs(state: &Leaves, inputs: &Leaves) -> Vec<(String, TensorType)> {
    let mut parameters = state_inputs(state, "state");
    for (name, kind) in state_inputs(inputs, "item") {
        let item: Shape = kind.shape.iter().skip(1).cloned().collect();
        parameters.push((name, kind.with_shape(item)));
    }
    parameters
}
