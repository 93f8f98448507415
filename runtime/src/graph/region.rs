//! Functions that loops and branches run: traced within the function around them, and given what they use of it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::construction::{Construction, leave_failure, with_active};
use super::control::control_types;
use super::function::{FunctionId, Operation, Origin, ValueId};
use super::op::DynOp;
use crate::error::{Error, Location, Result};
use crate::tensor::{Tensor, TensorType};

/// A function that a loop or branch runs.
pub(crate) struct Region {
    function: FunctionId,
    /// The number of inputs besides what it uses of the function around it.
    inputs: usize,
    /// What it uses of the function around it, in the order of its extra inputs.
    captures: Vec<ValueId>,
}

impl Region {
    /// The function.
    pub fn function(&self) -> FunctionId {
        self.function
    }

    /// The types of what it gives, as they are known now.
    pub fn types(&self) -> Vec<TensorType> {
        with_active(|construction| {
            let function = construction.graph.function(self.function);
            function.map(|function| function.output_types().cloned().collect())
        })
        .flatten()
        .unwrap_or_default()
    }
}

/// Traces `body` as a function that a loop or branch of the innermost function will run.
///
/// # Errors
/// The error of the body, or of what it gives.
pub(crate) fn region(
    name: &str,
    inputs: Vec<(String, TensorType)>,
    location: &Location,
    body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
) -> Result<Region> {
    let (open, parameters) = open_region(name, inputs)?;
    let results = body(&parameters);
    open.close(results, location)
}

/// A region whose code runs between two calls rather than in a closure.
pub(crate) struct OpenRegion {
    name: String,
    inputs: usize,
    /// How many functions were being traced before it.
    height: usize,
    closed: bool,
}

/// Begins a region, and gives its parameters.
///
/// # Errors
/// If no trace is in progress.
pub(crate) fn open_region(
    name: &str,
    inputs: Vec<(String, TensorType)>,
) -> Result<(OpenRegion, Vec<Tensor>)> {
    let count = inputs.len();
    let opened = with_active(|construction| {
        let height = construction.stack.len();
        (height, construction.begin(name, Origin::Derived(name.to_owned()), inputs))
    });
    let (height, parameters) = opened.ok_or_else(|| no_trace(name))?;
    Ok((OpenRegion { name: name.to_owned(), inputs: count, height, closed: false }, parameters))
}

impl OpenRegion {
    /// Ends the region with what its code gives.
    ///
    /// # Errors
    /// That of the code, or of what it gives.
    pub(crate) fn close(mut self, results: Result<Vec<Tensor>>, location: &Location) -> Result<Region> {
        self.closed = true;
        with_active(|construction| construction.close_region(&self.name, self.inputs, results, location))
            .unwrap_or_else(|| Err(no_trace(&self.name)))
    }
}

impl Drop for OpenRegion {
    /// Takes what a panic or a jump of user code leaves behind off the stack again.
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        with_active(|construction| construction.stack.truncate(self.height));
        if !std::thread::panicking() {
            let message = "its code was left in the middle, which a graph cannot do".to_owned();
            leave_failure(Error::Trace { function: self.name.clone(), message });
        }
    }
}

/// Records a loop or branch, which runs these functions, over these operands and whatever the functions use besides.
///
/// # Errors
/// If an operand belongs to another trace, or the functions do not fit the operation.
pub(crate) fn record(
    regions: &[Region],
    operands: &[Tensor],
    operation: Operation,
    location: &Location,
) -> Result<Vec<Tensor>> {
    let name = operation.name();
    with_active(|construction| construction.record_control(regions, operands, operation, None, location))
        .unwrap_or_else(|| Err(no_trace(name)))
}

/// As [`record`], for a `while`, whose state the variables that its body assigns become; `stop` lets no gradient through.
///
/// # Errors
/// As there.
pub(crate) fn record_repeat(
    regions: &[Region; 2],
    operands: &[Tensor],
    state: u32,
    stop: &Arc<dyn DynOp>,
    location: &Location,
) -> Result<Vec<Tensor>> {
    let [condition, body] = regions.each_ref().map(Region::function);
    let operation = Operation::While { condition, body, state };
    let stop = Some(stop);
    with_active(|construction| construction.record_control(regions, operands, operation, stop, location))
        .unwrap_or_else(|| Err(no_trace("while")))
}

impl Construction {
    fn close_region(
        &mut self,
        name: &str,
        inputs: usize,
        results: Result<Vec<Tensor>>,
        location: &Location,
    ) -> Result<Region> {
        let outputs = results.and_then(|results| self.operands(name, &results, location));
        let outputs = outputs.inspect_err(|_| {
            self.stack.pop();
        })?;
        let (function, captures) = self.finish(outputs).ok_or_else(|| no_trace(name))?;
        Ok(Region { function, inputs, captures })
    }

    /// The tensors as values of the innermost function.
    fn operands(&mut self, name: &str, tensors: &[Tensor], location: &Location) -> Result<Vec<ValueId>> {
        let mut values = Vec::with_capacity(tensors.len());
        for tensor in tensors {
            let tensor = tensor.clone().ok()?;
            values.push(self.value_of(&tensor, location).ok_or_else(|| foreign(name, location))?);
        }
        Ok(values)
    }

    fn record_control(
        &mut self,
        regions: &[Region],
        operands: &[Tensor],
        mut operation: Operation,
        stop: Option<&Arc<dyn DynOp>>,
        location: &Location,
    ) -> Result<Vec<Tensor>> {
        let location = self.location.clone().unwrap_or_else(|| location.clone());
        let name = operation.name();
        let mut values = self.operands(name, operands, &location)?;
        values.extend(self.share_captures(regions));
        let fail = |message: String| Error::Trace { function: name.to_owned(), message };
        let building = self.stack.last().ok_or_else(|| fail("no function is being traced".into()))?;
        let types: Vec<TensorType> =
            values.iter().map(|value| building.function.values[value.index()].clone()).collect();
        if let Operation::Scan { length, .. } = &mut operation {
            *length = self.known(length).ok_or_else(|| fail("a size overflows".into()))?;
        }
        let function =
            |id: FunctionId| self.graph.function(id).ok_or_else(|| "a function is gone".to_owned());
        let results = control_types(&operation, &types, &function).map_err(fail)?;
        let results = match (operation, stop) {
            (Operation::While { condition, body, state }, Some(stop)) => self
                .push_while([condition, body], state, values, results, stop, &location)
                .ok_or_else(|| no_trace("while"))?,
            (operation, _) => self.push_running(operation, values, results, location),
        };
        let building = self.stack.last().ok_or_else(|| no_trace("loop"))?;
        Ok(results.into_iter().map(|result| building.tensor(result)).collect())
    }

    /// Gives all functions the same extra inputs, in the same order: whatever one of them uses of the function around it.
    fn share_captures(&mut self, regions: &[Region]) -> Vec<ValueId> {
        let mut known = HashSet::new();
        let all = regions.iter().flat_map(|region| &region.captures).copied();
        let shared: Vec<ValueId> = all.filter(|&capture| known.insert(capture)).collect();
        let Some(around) = self.stack.last() else { return shared };
        let types: Vec<TensorType> =
            shared.iter().map(|value| around.function.values[value.index()].clone()).collect();
        for region in regions {
            let Some(function) = self.graph.functions.get_mut(region.function.index()) else { continue };
            let own = function.inputs.split_off(region.inputs.min(function.inputs.len()));
            let own = own.iter().map(|(_, value)| *value);
            let own: HashMap<ValueId, ValueId> = region.captures.iter().copied().zip(own).collect();
            for (index, (outer, kind)) in shared.iter().zip(&types).enumerate() {
                let captured = own.get(outer).copied();
                let value = captured.unwrap_or(ValueId::new(function.values.len()));
                if captured.is_none() {
                    function.values.push(kind.clone());
                }
                function.inputs.push((format!("captured_{index}"), value));
            }
        }
        shared
    }
}

fn no_trace(name: &str) -> Error {
    Error::Trace { function: name.to_owned(), message: "no function is being traced".into() }
}

fn foreign(name: &str, location: &Location) -> Error {
    Error::Trace {
        function: name.to_owned(),
        message: format!(
            "a tensor at {location} belongs to a trace that has ended, to another thread, or to the inside of a loop or \
             branch: what a body computes comes out as its result only"
        ),
    }
}
