//! Gradients of branches and loops.
//!
//! A branch or loop that is differentiated also gives the residuals of the functions it runs, and a branch or loop over
//! their backward functions follows in the backward pass. A `while`, whose number of iterations no type can say, keeps
//! nothing: an `unwind` runs it again.

mod case;
mod kept;
mod nested;
mod scan;
mod unwind;

use std::collections::BTreeSet;

use super::activity::{Activity, Sources};
use super::cotangents::Cotangents;
use super::function::{Derivative, Derivatives};
use super::reverse::{assigned_by, tensors, trace_error};
use crate::error::{Error, Result};
use crate::graph::{
    Construction, Function, FunctionId, Node, Operation, ValueId, VariableId, record_call, with_active,
};
use crate::tensor::{Tensor, TensorType};

/// A node that is being differentiated, and where it is.
pub(super) struct Site<'a> {
    /// The level of its function on the stack.
    pub level: usize,
    /// Its index in the function.
    pub index: usize,
    pub node: &'a Node,
    pub activity: &'a Activity,
    pub sources: &'a Sources,
}

/// Adds the gradients that flow through a branch or a loop.
pub(super) fn differentiate(
    site: &Site<'_>,
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    for variable in site.node.operation.callees().flat_map(assigned_by) {
        cotangents.assigned(variable);
    }
    if !site.node.results.iter().any(|&result| site.wants(result, cotangents)) {
        return Ok(());
    }
    match &site.node.operation {
        Operation::Case(branches) => case::differentiate(site, branches, cotangents, derivatives),
        Operation::Scan { .. } => scan::differentiate(site, cotangents, derivatives),
        Operation::While { condition, body, state } => {
            unwind::differentiate(site, [*condition, *body], *state, cotangents, derivatives)
        }
        Operation::Unwind { condition, body, step, state, gradients } => {
            let (functions, lengths) = ([*condition, *body, *step], [*state, *gradients]);
            if unwind::is_linear(site, *gradients, derivatives)? {
                unwind::transpose(site, functions, lengths, cotangents, derivatives)
            } else {
                nested::differentiate(site, functions, lengths, cotangents, derivatives)
            }
        }
        other => Err(trace_error(format!("`{}` is no control flow", other.name()))),
    }
}

impl Site<'_> {
    /// Whether a gradient of a result is known and flows on.
    fn wants(&self, result: ValueId, cotangents: &Cotangents) -> bool {
        self.activity.is_active(result) && cotangents.get(result).is_some()
    }

    /// The gradient of a result, zeros if none is known.
    fn gradient(&self, result: ValueId, cotangents: &Cotangents) -> Result<Tensor> {
        match cotangents.get(result) {
            Some(gradient) => Ok(gradient.clone()),
            None => {
                Ok(tensors(self.level, &[result])?.iter().map(Tensor::zeros_like).next().ok_or_else(gone)?)
            }
        }
    }

    /// The operands of the node.
    fn operands(&self) -> Result<Vec<Tensor>> {
        tensors(self.level, &self.node.operands)
    }

    /// Whether each operand is active.
    fn active(&self) -> Vec<bool> {
        self.node.operands.iter().map(|&operand| self.activity.is_active(operand)).collect()
    }

    /// Which operands of a loop are active in some iteration.
    fn loop_activity(&self, derivatives: &mut Derivatives) -> Result<Vec<bool>> {
        with_active(|construction| {
            let graph = &construction.graph;
            derivatives.activities.of_loop(graph, &self.node.operation, self.active(), self.sources)
        })
        .ok_or_else(gone)
    }

    /// The wanted variables that the functions of a branch or loop read.
    fn control_variables(&self, derivatives: &mut Derivatives) -> Result<BTreeSet<VariableId>> {
        with_active(|construction| {
            let graph = &construction.graph;
            derivatives.activities.variables_of(graph, &self.node.operation, self.active(), self.sources)
        })
        .ok_or_else(gone)
    }

    fn operand_types(&self) -> Result<Vec<TensorType>> {
        types(self.level, &self.node.operands)
    }

    fn result_types(&self) -> Result<Vec<TensorType>> {
        types(self.level, &self.node.results)
    }

    fn sources(&self, inputs: Vec<bool>) -> Sources {
        Sources { inputs, variables: self.sources.variables.clone() }
    }

    /// Puts another operation in the node's place, which gives more results; these are returned.
    fn replace(&self, operation: Operation, more: &[TensorType]) -> Result<Vec<Tensor>> {
        with_active(|construction| {
            let building = construction.stack.get_mut(self.level)?;
            let values: Vec<ValueId> = more.iter().map(|kind| building.new_value(kind.clone())).collect();
            let node = building.function.nodes.get_mut(self.index)?;
            node.operation = operation;
            node.results.extend(&values);
            Some(values.into_iter().map(|value| building.tensor(value)).collect())
        })
        .flatten()
        .ok_or_else(gone)
    }

    /// Adds gradients of operands, by index.
    fn add(&self, cotangents: &mut Cotangents, operand: usize, gradient: Tensor) -> Result<()> {
        if let Some(&value) = self.node.operands.get(operand)
            && self.activity.is_active(value)
        {
            cotangents.add(value, gradient.ok()?);
        }
        Ok(())
    }

    /// Adds the gradient of a variable, unless what the node runs assigns it and it counts as constant.
    fn add_variable(
        &self,
        cotangents: &mut Cotangents,
        variable: VariableId,
        gradient: Tensor,
    ) -> Result<()> {
        let mut assigned = self.node.operation.callees().flat_map(assigned_by);
        if assigned.all(|assigned| assigned != variable) {
            cotangents.add_variable(variable, gradient.ok()?);
        }
        Ok(())
    }
}

/// The types of values of the function at a level of the stack, as they are known now.
fn types(level: usize, values: &[ValueId]) -> Result<Vec<TensorType>> {
    with_active(|construction| {
        let building = construction.stack.get(level)?;
        values.iter().map(|&value| building.function.value_type(value).cloned()).collect()
    })
    .flatten()
    .ok_or_else(gone)
}

fn function(id: FunctionId) -> Result<Function> {
    with_active(|construction| construction.graph.function(id).cloned()).flatten().ok_or_else(gone)
}

fn variable_type(id: VariableId) -> Result<TensorType> {
    with_active(|construction| Some(construction.graph.variables.get(id.index())?.kind.clone()))
        .flatten()
        .ok_or_else(gone)
}

/// Records a loop or branch in the innermost function.
fn push(operation: Operation, operands: &[Tensor], results: Vec<TensorType>) -> Result<Vec<Tensor>> {
    with_active(|construction| construction.push_control(operation, operands, results))
        .unwrap_or_else(|| Err(gone()))
}

impl Construction {
    fn push_control(
        &mut self,
        operation: Operation,
        operands: &[Tensor],
        results: Vec<TensorType>,
    ) -> Result<Vec<Tensor>> {
        let location = self.location.clone().ok_or_else(gone)?;
        let operands = self.outputs_of("gradient", operands, &location)?;
        let assigned = operation.callees().filter_map(|callee| self.assigned.get(callee.index()));
        let assigned: Vec<VariableId> = assigned.flatten().copied().collect();
        let building = self.stack.last_mut().ok_or_else(gone)?;
        for variable in &assigned {
            building.reads.remove(variable);
        }
        building.assigned.extend(assigned);
        let results = building.push(operation, operands, results, location);
        Ok(results.into_iter().map(|result| building.tensor(result)).collect())
    }
}

/// The gradients that a backward function gives.
struct Found {
    /// By the index of the input.
    inputs: Vec<(usize, Tensor)>,
    variables: Vec<(VariableId, Tensor)>,
}

/// Runs a derivative's backward function in the innermost function.
fn call_backward(
    derivative: &Derivative,
    gradients: &[Tensor],
    residuals: &[Tensor],
    node: &Node,
) -> Result<Found> {
    let operands = [gradients, residuals].concat();
    let mut found = record_call(derivative.backward, &operands, &[], &node.location)?.into_iter();
    let inputs = derivative.inputs.iter().copied().zip(found.by_ref()).collect();
    Ok(Found { inputs, variables: derivative.variables.iter().copied().zip(found).collect() })
}

/// The sums so far with the gradients of these inputs and variables added.
fn sums<'t>(
    before: impl Iterator<Item = &'t Tensor>,
    found: &Found,
    inputs: &[usize],
    variables: &[VariableId],
) -> Vec<Tensor> {
    let terms = inputs.iter().map(|index| of(&found.inputs, index));
    let terms = terms.chain(variables.iter().map(|variable| of(&found.variables, variable)));
    let add = |(sum, term): (&Tensor, Option<Tensor>)| term.map_or_else(|| sum.clone(), |term| sum + term);
    before.zip(terms).map(add).collect()
}

/// Zeros of a type.
fn zeros(kind: &TensorType) -> Tensor {
    Tensor::from(0.0_f32).cast(kind.dtype).broadcast_to(kind.shape.clone())
}

/// The tensor of a list that belongs to a key.
fn of<K: PartialEq>(list: &[(K, Tensor)], key: &K) -> Option<Tensor> {
    list.iter().find(|(known, _)| known == key).map(|(_, tensor)| tensor.clone())
}

/// Named parameters of these types.
fn parameters(kinds: impl IntoIterator<Item = TensorType>) -> Vec<(String, TensorType)> {
    kinds.into_iter().enumerate().map(|(index, kind)| (format!("x{index}"), kind)).collect()
}

fn gone() -> Error {
    trace_error("the function that is differentiated is gone".into())
}
