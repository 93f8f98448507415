//! Functions that a trace records apart from any call of them: branches, bodies of loops, what is differentiated.

use std::collections::BTreeSet;

use super::construction::{Construction, with_active};
use super::function::{FunctionId, GradientRule, Operation, Origin, ValueId, VariableId};
use crate::error::{Error, Location, Result};
use crate::tensor::{Tensor, TensorType};

/// A function that was recorded, and what it uses of the function around it.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub function: FunctionId,
    /// The values of the function around it that are its last inputs.
    pub captured: Vec<ValueId>,
}

/// Runs `body` on the parameters of a new function and records it.
///
/// # Errors
/// If `body` gives one, or a tensor that is no value of the trace.
pub(crate) fn record_function(
    name: &str,
    origin: Origin,
    inputs: Vec<(String, TensorType)>,
    location: &Location,
    body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
) -> Result<Recorded> {
    record_with(name, origin, inputs, location, body, |_, _, _| Ok(GradientRule::Nodes))
}

/// As [`record_function`], with a rule for the gradient, which `rule` finds for the inputs and outputs when `body` has run. What it
/// records stands before the function.
pub(crate) fn record_with(
    name: &str,
    origin: Origin,
    inputs: Vec<(String, TensorType)>,
    location: &Location,
    body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
    rule: impl FnOnce(&[TensorType], &[TensorType], usize) -> Result<GradientRule>,
) -> Result<Recorded> {
    record_boxed(name, origin, inputs, location, Box::new(body), Box::new(rule))
}

/// A body, which takes the inputs.
type Body<'b> = Box<dyn FnOnce(&[Tensor]) -> Result<Vec<Tensor>> + 'b>;
/// What finds a rule, from the types of the inputs and outputs and the number of captures.
type Rule<'b> = Box<dyn FnOnce(&[TensorType], &[TensorType], usize) -> Result<GradientRule> + 'b>;

fn record_boxed(
    name: &str,
    origin: Origin,
    inputs: Vec<(String, TensorType)>,
    location: &Location,
    body: Body<'_>,
    rule: Rule<'_>,
) -> Result<Recorded> {
    let lost = || Error::Trace { function: name.to_owned(), message: "no function is being traced".into() };
    let parameters = with_active(|construction| construction.begin(name, origin, inputs)).ok_or_else(lost)?;
    let outputs = body(&parameters).and_then(|outputs| {
        with_active(|construction| construction.outputs_of(name, &outputs, location)).ok_or_else(lost)?
    });
    // The function leaves the stack while its rule is found, so that the rule sees what stands around it.
    let building = with_active(|construction| construction.stack.pop()).flatten().ok_or_else(lost)?;
    let outputs = outputs?;
    let function = &building.function;
    let types = |values: Vec<ValueId>| -> Vec<TensorType> {
        values.iter().filter_map(|&value| function.value_type(value).cloned()).collect()
    };
    let input_types = types(function.inputs.iter().map(|(_, value)| *value).collect());
    let rule = rule(&input_types, &types(outputs.clone()), building.captures.len())?;
    let finished = with_active(|construction| {
        construction.stack.push(building);
        construction.stack.last_mut()?.function.gradient = rule;
        construction.finish(outputs)
    });
    let (function, captured) = finished.flatten().ok_or_else(lost)?;
    Ok(Recorded { function, captured })
}

/// Records a call of a finished function in the innermost one.
///
/// # Errors
/// If an operand carries an error or is no value of the trace.
pub(crate) fn record_call(
    function: FunctionId,
    operands: &[Tensor],
    captured: &[ValueId],
    location: &Location,
) -> Result<Vec<Tensor>> {
    let lost = || Error::Trace { function: "call".into(), message: "no function is being traced".into() };
    with_active(|construction| {
        let mut values = construction.outputs_of("call", operands, location)?;
        values.extend(captured);
        let results = construction.push_call(function, values, location.clone());
        let building = construction.stack.last().ok_or_else(lost)?;
        Ok(results.into_iter().map(|value| building.tensor(value)).collect())
    })
    .ok_or_else(lost)?
}

impl Construction {
    /// The variables that a finished function reads or assigns, itself or through calls.
    pub fn variables_used(&self, function: FunctionId) -> BTreeSet<VariableId> {
        let mut used = BTreeSet::new();
        let mut reached = BTreeSet::new();
        let mut next = vec![function];
        while let Some(id) = next.pop() {
            let Some(function) = self.graph.function(id).filter(|_| reached.insert(id)) else { continue };
            next.extend(function.callees());
            used.extend(function.nodes.iter().filter_map(|node| match node.operation {
                Operation::Read(variable) | Operation::Assign(variable) => Some(variable),
                _ => None,
            }));
        }
        used
    }

    /// A variable that a finished function uses and that has been assigned in the trace so far, with its path.
    pub fn changed_variable(&self, function: FunctionId) -> Option<(VariableId, String)> {
        let mut changed = self.assigned.get(function.index())?.clone();
        changed.extend(self.stack.iter().flat_map(|building| &building.assigned));
        let variable = *self.variables_used(function).intersection(&changed).next()?;
        Some((variable, self.graph.variables.get(variable.index())?.path.clone()))
    }

    /// Tensors as values of the innermost function.
    pub fn outputs_of(
        &mut self,
        function: &str,
        tensors: &[Tensor],
        location: &Location,
    ) -> Result<Vec<ValueId>> {
        let value = |tensor: &Tensor| {
            let tensor = tensor.clone().ok()?;
            self.value_of(&tensor, location).ok_or_else(|| Error::Trace {
                function: function.to_owned(),
                message: "a tensor belongs to a trace that has ended or runs on another thread".into(),
            })
        };
        tensors.iter().map(value).collect()
    }
}
