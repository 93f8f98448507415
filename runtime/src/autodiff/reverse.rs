//! The walk from the last node to the first.

use std::collections::BTreeSet;

use super::activity::{Activities, Activity, Sources};
use super::control::{self, Site};
use super::cotangents::Cotangents;
use super::function::{Derivative, Derivatives};
use crate::error::{Error, Result};
use crate::graph::{
    Construction, FunctionId, Node, Operation, ValueId, Variable, VariableId, type_of, with_active,
};
use crate::tensor::{Dim, Repr, Tensor, TensorType};

/// The gradients of a number.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// One for each tensor asked for.
    pub tensors: Vec<Tensor>,
    /// One for each variable asked for.
    pub variables: Vec<Tensor>,
}

/// Records the gradients of `of`, a traced float tensor without dimensions, with respect to tensors and variables.
///
/// It is called while tracing, in the function that computed `of`. What `of` does not depend on has a gradient of zeros.
///
/// # Errors
/// If `of` is not a traced float number of the function that is being traced, or carries an error.
pub fn gradients(of: &Tensor, tensors: &[&Tensor], variables: &[&Variable]) -> Result<Gradients> {
    differentiate(of, tensors, variables, Cotangents::default())
}

/// Records the gradients of `of` with respect to what variables hold now: those that the function has assigned, after the last
/// assignment.
///
/// # Errors
/// As [`gradients`]; if variables have been assigned and `of` depends on none of them as they are now, so that it was computed
/// before.
pub fn current_gradients(of: &Tensor, variables: &[&Variable]) -> Result<Vec<Tensor>> {
    differentiate(of, &[], variables, Cotangents::of_the_end()).map(|gradients| gradients.variables)
}

fn differentiate(
    of: &Tensor,
    tensors: &[&Tensor],
    variables: &[&Variable],
    mut cotangents: Cotangents,
) -> Result<Gradients> {
    let of = of.clone().ok()?;
    if of.rank() != 0 || !of.dtype().is_float() {
        return Err(trace_error(format!(
            "the gradient is of one float number, and this is a tensor {}: reduce it with `.mean()` or `.sum()`",
            of.describe()
        )));
    }
    let root = value_in_innermost(&of)?;
    let targets: Vec<ValueId> =
        tensors.iter().map(|&tensor| value_in_innermost(&tensor.clone().ok()?)).collect::<Result<_>>()?;
    let ids: Vec<VariableId> =
        variables.iter().map(|variable| variable_id(variable)).collect::<Result<_>>()?;
    let sources = Sources { inputs: Vec::new(), variables: ids.iter().copied().collect() };

    let mut derivatives = Derivatives::default();
    let (nodes, activity) =
        with_active(|construction| snapshot(construction, &sources, &targets, &mut derivatives.activities))
            .flatten()
            .ok_or_else(|| trace_error("no function is being traced".into()))?;
    cotangents.add(root, of.ones_like());
    walk(&nodes, &activity, &sources, &mut cotangents, &mut derivatives)?;

    let of_tensor = |(tensor, value): (&&Tensor, &ValueId)| {
        cotangents.get(*value).cloned().unwrap_or_else(|| tensor.zeros_like())
    };
    let tensors: Vec<_> = tensors.iter().zip(&targets).map(of_tensor).collect();
    let found: Vec<_> = ids.iter().map(|id| cotangents.of_variable(*id)).collect();
    let assigned: Vec<_> = found.iter().zip(variables).filter(|((_, assigned), _)| *assigned).collect();
    if let Some((_, first)) = assigned.first()
        && assigned.iter().all(|((gradient, _), _)| gradient.is_none())
    {
        return Err(trace_error(format!(
            "{} of the variables have been changed, the first of them made at {}, and the number was computed before: compute it \
             again after the change, or take all gradients before the first change",
            assigned.len(),
            first.made()
        )));
    }
    let of_variable = |(variable, (gradient, _)): (&&Variable, &(Option<&Tensor>, bool))| {
        gradient.cloned().unwrap_or_else(|| variable.value().zeros_like())
    };
    let variables: Vec<_> = variables.iter().zip(&found).map(of_variable).collect();
    match tensors.iter().chain(&variables).find_map(Tensor::error) {
        Some(error) => Err(error.clone()),
        None => Ok(Gradients { tensors, variables }),
    }
}

/// The nodes of the innermost function as they are now, and what a gradient flows through.
fn snapshot(
    construction: &mut Construction,
    sources: &Sources,
    targets: &[ValueId],
    activities: &mut Activities,
) -> Option<(Vec<Node>, Activity)> {
    let function = &construction.stack.last()?.function;
    let mut activity = Activity { values: vec![false; function.values.len()], ..Activity::default() };
    for target in targets {
        *activity.values.get_mut(target.index())? = true;
    }
    activities.extend(&construction.graph, function, sources, &mut activity);
    Some((function.nodes.clone(), activity))
}

/// Goes through the nodes of the function at the top of the stack, or of the one below it while a backward function is on
/// top, from the last to the first, and gathers gradients.
pub(super) fn walk(
    nodes: &[Node],
    activity: &Activity,
    sources: &Sources,
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    let around = with_active(|construction| construction.location.clone()).flatten();
    let walked = walk_back(nodes, activity, sources, cotangents, derivatives);
    with_active(|construction| construction.location = around);
    walked
}

/// What an op gives as gradients of its operands, which has to be one of the same type for each, or none.
fn checked(name: &str, operands: &[Tensor], gradients: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
    if gradients.len() != operands.len() {
        let (found, expected) = (gradients.len(), operands.len());
        return Err(trace_error(format!(
            "the gradient of the op `{name}` has {found} items, and the op {expected} operands: give `Some` or `None` for each"
        )));
    }
    for (index, (operand, gradient)) in operands.iter().zip(&gradients).enumerate() {
        let (Some(expected), Some(found)) = (type_of(operand), gradient.as_ref().and_then(type_of)) else {
            continue;
        };
        if expected.dtype.is_float() && !fits(&expected, &found) {
            return Err(trace_error(format!(
                "the gradient of the op `{name}` for its operand {index} is {found}, and the operand {expected}: both are of \
                 one type"
            )));
        }
    }
    Ok(gradients)
}

/// Whether two types may be the same. Quotients rounded down may be equal that are written differently.
fn fits(expected: &TensorType, found: &TensorType) -> bool {
    let same = |(expected, found): (&Dim, &Dim)| {
        let rounded = |dim: &Dim| dim.symbols().iter().any(|symbol| symbol.divided().is_some());
        expected == found || rounded(expected) || rounded(found)
    };
    expected.dtype == found.dtype
        && expected.rank() == found.rank()
        && expected.shape.iter().zip(found.shape.iter()).all(same)
}

fn walk_back(
    nodes: &[Node],
    activity: &Activity,
    sources: &Sources,
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    let level = derivatives.level()?;
    for (index, node) in nodes.iter().enumerate().rev() {
        with_active(|construction| construction.location = Some(node.location.clone()));
        match &node.operation {
            Operation::Op(op) => {
                if !node.results.iter().any(|&result| activity.is_active(result)) {
                    continue;
                }
                let (operands, results) = (tensors(level, &node.operands)?, tensors(level, &node.results)?);
                let Some(gradients) = cotangents.of_results(&node.results, &results) else { continue };
                let gradients = op.gradient(&operands, &results, &gradients);
                let gradients = checked(op.name(), &operands, gradients)?;
                for (&operand, gradient) in node.operands.iter().zip(gradients) {
                    if let (Some(gradient), true) = (gradient, activity.is_active(operand)) {
                        cotangents.add(operand, gradient.ok()?);
                    }
                }
            }
            Operation::Read(variable) if sources.variables.contains(*variable) => {
                if let Some(gradient) = cotangents.get(node.results[0]).cloned() {
                    cotangents.add_variable(*variable, gradient);
                }
            }
            Operation::Call(callee) => {
                for variable in assigned_by(*callee) {
                    cotangents.assigned(variable);
                }
                call(level, index, node, *callee, activity, sources, cotangents, derivatives)?;
            }
            Operation::Assign(variable) => {
                // What is read later is no longer the variable's own value.
                cotangents.assigned(*variable);
            }
            Operation::Read(_) | Operation::Constant(_) => {}
            _ => {
                let site = Site { level, index, node, activity, sources };
                control::differentiate(&site, cotangents, derivatives)?;
            }
        }
    }
    Ok(())
}

/// The variables that a finished function assigns, itself or through calls.
pub(super) fn assigned_by(callee: FunctionId) -> BTreeSet<VariableId> {
    with_active(|construction| construction.assigned.get(callee.index()).cloned())
        .flatten()
        .unwrap_or_default()
}

#[expect(clippy::too_many_arguments, reason = "the state of one walk")]
fn call(
    level: usize,
    index: usize,
    node: &Node,
    callee: FunctionId,
    activity: &Activity,
    sources: &Sources,
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    let wanted: Vec<bool> = node
        .results
        .iter()
        .map(|&result| activity.is_active(result) && cotangents.get(result).is_some())
        .collect();
    if !wanted.contains(&true) {
        return Ok(());
    }
    let inner = Sources {
        inputs: node.operands.iter().map(|&operand| activity.is_active(operand)).collect(),
        variables: sources.variables.clone(),
    };
    let derivative: Derivative = derivatives.of(callee, &inner, &wanted)?;
    let residuals = with_active(|construction| construction.call_forward(level, index, &derivative))
        .flatten()
        .ok_or_else(|| trace_error("the function that is differentiated is gone".into()))?;
    let gradients = node.results.iter().zip(&wanted).filter(|(_, wanted)| **wanted);
    let gradients: Vec<Tensor> =
        gradients.filter_map(|(result, _)| cotangents.get(*result).cloned()).collect();
    let operands: Vec<Tensor> = gradients.into_iter().chain(tensors(level, &residuals)?).collect();
    let outputs = with_active(|construction| construction.call_backward(&operands, derivative.backward))
        .flatten()
        .ok_or_else(|| trace_error("a gradient belongs to another trace".into()))?;
    let mut outputs = outputs.into_iter();
    for input in &derivative.inputs {
        if let Some(gradient) = outputs.next() {
            cotangents.add(node.operands[*input], gradient);
        }
    }
    for variable in &derivative.variables {
        if let Some(gradient) = outputs.next() {
            cotangents.add_variable(*variable, gradient);
        }
    }
    Ok(())
}

/// Values of the function at a level of the stack, as tensors.
pub(super) fn tensors(level: usize, values: &[ValueId]) -> Result<Vec<Tensor>> {
    with_active(|construction| {
        let building = construction.stack.get(level)?;
        Some(values.iter().map(|&value| building.tensor(value)).collect())
    })
    .flatten()
    .ok_or_else(|| trace_error("the function that is differentiated is gone".into()))
}

fn value_in_innermost(tensor: &Tensor) -> Result<ValueId> {
    let Repr::Symbolic(symbolic) = tensor.repr() else {
        return Err(trace_error(format!(
            "{} is a constant of the trace: nothing depends on it",
            tensor.describe()
        )));
    };
    with_active(|construction| {
        let building = construction.stack.last()?;
        (building.id == symbolic.builder).then_some(ValueId(symbolic.value))
    })
    .flatten()
    .ok_or_else(|| trace_error("a gradient is taken in the function that computed the tensor".into()))
}

fn variable_id(variable: &Variable) -> Result<VariableId> {
    let id = with_active(|construction| construction.variables.get(&variable.identity()).copied()).flatten();
    id.ok_or_else(|| {
        trace_error(format!("the variable made at {} is not part of the trace", variable.made()))
    })
}

pub(super) fn trace_error(message: String) -> Error {
    Error::Trace { function: "gradients".into(), message }
}
