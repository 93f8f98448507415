//! The gradient of a `while`, and what of the gradient of that there is.

use super::{Site, call_backward, function, gone, of, parameters, push, variable_type, zeros};
use crate::autodiff::cotangents::Cotangents;
use crate::autodiff::function::Derivatives;
use crate::autodiff::reverse::trace_error;
use crate::error::Result;
use crate::graph::{
    FunctionId, Operation, Origin, VariableId, base_name, record_call, record_function, with_active,
};
use crate::tensor::{Tensor, TensorType};

/// Adds the gradients that flow through a `while`: an `unwind` whose step differentiates one iteration.
pub(super) fn differentiate(
    site: &Site<'_>,
    [condition, body]: [FunctionId; 2],
    state: u32,
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    let node = site.node;
    let states = state as usize;
    if let Some(path) = changed([condition, body]) {
        return Err(trace_error(format!(
            "the `while` at {} runs again for its gradient, and the variable `{path}` that it uses changes before that: \
             write the loop with `fori_loop` or `scan`, or read the variable before it changes and carry its value",
            node.location
        )));
    }
    let active = site.loop_activity(derivatives)?;
    let carried: Vec<usize> = (0..states).filter(|&index| active[index]).collect();
    let wanted: Vec<bool> = active.iter().take(states).copied().collect();
    let derivative = derivatives.of(body, &site.sources(active), &wanted)?;
    let summed: Vec<usize> = derivative.inputs.iter().copied().filter(|&index| index >= states).collect();

    let operand_types = site.operand_types()?;
    let mut kinds: Vec<TensorType> = carried.iter().map(|&index| operand_types[index].clone()).collect();
    kinds.extend(summed.iter().map(|&index| operand_types[index].clone()));
    for &variable in &derivative.variables {
        kinds.push(variable_type(variable)?);
    }
    let mut first: Vec<Tensor> =
        carried.iter().map(|&index| site.gradient(node.results[index], cotangents)).collect::<Result<_>>()?;
    first.extend(kinds.iter().skip(carried.len()).map(zeros));

    let name = base_name(&function(body)?.name).to_owned();
    let count = operand_types.len();
    let step = record_function(
        &format!("{name}.gradient"),
        Origin::Derived("gradient of a loop".into()),
        parameters(operand_types.iter().chain(&kinds).cloned()),
        &node.location,
        |operands| {
            let (before, gradients) = operands.split_at(count.min(operands.len()));
            let mut results = record_call(derivative.forward, before, &[], &node.location)?;
            let residuals = results.split_off(states.min(results.len()));
            let (of_state, sums) = gradients.split_at(carried.len().min(gradients.len()));
            let found = call_backward(&derivative, of_state, &residuals, node)?;
            let new = carried.iter().zip(&kinds);
            let mut results: Vec<Tensor> =
                new.map(|(index, kind)| of(&found.inputs, index).unwrap_or_else(|| zeros(kind))).collect();
            results.extend(super::sums(sums.iter(), &found, &summed, &derivative.variables));
            Ok(results)
        },
    )?;
    let gradients = u32::try_from(kinds.len()).map_err(|_| gone())?;
    let operation = Operation::Unwind { condition, body, step: step.function, state, gradients };
    let operands: Vec<Tensor> = site.operands()?.into_iter().chain(first).collect();
    let mut results = push(operation, &operands, kinds)?.into_iter();
    for &index in carried.iter().chain(&summed) {
        site.add(cotangents, index, results.next().ok_or_else(gone)?)?;
    }
    for &variable in &derivative.variables {
        site.add_variable(cotangents, variable, results.next().ok_or_else(gone)?)?;
    }
    Ok(())
}

/// Whether gradients flow through an `unwind` only to the gradients it starts with, in which it is linear.
pub(super) fn is_linear(site: &Site<'_>, gradients: u32, derivatives: &mut Derivatives) -> Result<bool> {
    let count = site.node.operands.len().saturating_sub(gradients as usize);
    let is_active = site.active().iter().take(count).any(|&active| active);
    Ok(!is_active && site.control_variables(derivatives)?.is_empty())
}

/// Adds the gradients that flow through an `unwind` to the gradients it starts with: a `while` that goes forward.
pub(super) fn transpose(
    site: &Site<'_>,
    [condition, body, step]: [FunctionId; 3],
    [state, gradients]: [u32; 2],
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    let node = site.node;
    let states = state as usize;
    let count = node.operands.len().saturating_sub(gradients as usize);
    let active: Vec<bool> = (0..node.operands.len()).map(|index| index >= count).collect();
    let wanted = vec![true; gradients as usize];
    let derivative = derivatives.of(step, &site.sources(active), &wanted)?;

    let operand_types = site.operand_types()?;
    let (loop_types, kinds) = operand_types.split_at(count);
    let mut all: Vec<TensorType> = loop_types[..states].to_vec();
    all.extend(kinds.iter().cloned());
    all.extend(loop_types[states..].iter().cloned());
    let moved = kinds.len();
    let name = base_name(&function(body)?.name).to_owned();
    let origin = || Origin::Derived("derivative of a loop".into());
    let without = |operands: &[Tensor]| -> Vec<Tensor> {
        operands.iter().take(states).chain(operands.iter().skip(states + moved)).cloned().collect()
    };
    let holds = record_function(
        &format!("{name}.condition"),
        origin(),
        parameters(all.iter().cloned()),
        &node.location,
        |operands| record_call(condition, &without(operands), &[], &node.location),
    )?;
    let next = record_function(
        &format!("{name}.derivative"),
        origin(),
        parameters(all.iter().cloned()),
        &node.location,
        |operands| {
            let before = without(operands);
            let mut results = record_call(body, &before, &[], &node.location)?;
            let linear: Vec<Tensor> = before.into_iter().chain(kinds.iter().map(zeros)).collect();
            let mut residuals = record_call(derivative.forward, &linear, &[], &node.location)?;
            let residuals = residuals.split_off(moved.min(residuals.len()));
            let tangents: Vec<Tensor> = operands.iter().skip(states).take(moved).cloned().collect();
            let found = call_backward(&derivative, &tangents, &residuals, node)?;
            results.extend(
                kinds
                    .iter()
                    .enumerate()
                    .map(|(index, kind)| of(&found.inputs, &(count + index)).unwrap_or_else(|| zeros(kind))),
            );
            Ok(results)
        },
    )?;
    let tangents: Vec<Tensor> =
        node.results.iter().map(|&result| site.gradient(result, cotangents)).collect::<Result<_>>()?;
    let operands = site.operands()?;
    let carried: Vec<Tensor> = operands[..states]
        .iter()
        .cloned()
        .chain(tangents)
        .chain(operands[states..count].iter().cloned())
        .collect();
    let operation = Operation::While {
        condition: holds.function,
        body: next.function,
        state: state.checked_add(gradients).ok_or_else(gone)?,
    };
    let results = push(operation, &carried, all[..states + moved].to_vec())?;
    for (index, gradient) in results.into_iter().skip(states).enumerate() {
        site.add(cotangents, count + index, gradient)?;
    }
    Ok(())
}

/// The path of a variable that the functions use and that the trace has assigned so far.
fn changed(functions: [FunctionId; 2]) -> Option<String> {
    with_active(|construction| functions.iter().find_map(|&id| construction.changed_variable(id)))
        .flatten()
        .map(|(_, path): (VariableId, String)| path)
}
