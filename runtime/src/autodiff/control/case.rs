//! The gradient of branches.
//!
//! Each branch also gives the residuals of every other one, as zeros, so that all give the same types; those of one type
//! share places.

use super::{Site, call_backward, function, gone, of, parameters, push, zeros};
use crate::autodiff::cotangents::Cotangents;
use crate::autodiff::function::{Derivative, Derivatives};
use crate::error::Result;
use crate::graph::{FunctionId, Operation, Origin, VariableId, base_name, record_call, record_function};
use crate::sorted;
use crate::tensor::{Tensor, TensorType};

/// Adds the gradients that flow through a choice of branches.
pub(super) fn differentiate(
    site: &Site<'_>,
    branches: &[FunctionId],
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    let node = site.node;
    let wanted: Vec<bool> = node.results.iter().map(|&result| site.wants(result, cotangents)).collect();
    let active = site.active().split_off(1);
    let sources = site.sources(active);
    let found: Vec<Derivative> =
        branches.iter().map(|&branch| derivatives.of(branch, &sources, &wanted)).collect::<Result<_>>()?;
    let operand_types = site.operand_types()?.split_off(1);
    let outputs = node.results.len();
    let mut places: Vec<TensorType> = Vec::new();
    let mut used: Vec<Vec<usize>> = Vec::new();
    for derivative in &found {
        let residuals: Vec<TensorType> =
            function(derivative.forward)?.output_types().skip(outputs).cloned().collect();
        used.push(place(&mut places, &residuals));
    }

    let mut forward = Vec::new();
    for (derivative, used) in found.iter().zip(&used) {
        let recorded = record_function(
            &name(derivative, "")?,
            origin(derivative)?,
            parameters(operand_types.iter().cloned()),
            &node.location,
            |operands| {
                let mut results = record_call(derivative.forward, operands, &[], &node.location)?;
                let residuals = results.split_off(outputs.min(results.len()));
                results.extend(places.iter().enumerate().map(|(index, kind)| {
                    let own = used.iter().position(|&place| place == index);
                    own.and_then(|own| residuals.get(own).cloned()).unwrap_or_else(|| zeros(kind))
                }));
                Ok(results)
            },
        )?;
        forward.push(recorded.function);
    }
    let residuals = site.replace(Operation::Case(forward), &places)?;

    let inputs: Vec<usize> = union(found.iter().flat_map(|derivative| derivative.inputs.iter().copied()));
    let variables: Vec<VariableId> =
        union(found.iter().flat_map(|derivative| derivative.variables.iter().copied()));
    let mut kinds: Vec<TensorType> =
        inputs.iter().filter_map(|&input| operand_types.get(input).cloned()).collect();
    for &variable in &variables {
        kinds.push(super::variable_type(variable)?);
    }
    let gradients: Vec<Tensor> = node
        .results
        .iter()
        .zip(&wanted)
        .filter(|(_, wanted)| **wanted)
        .map(|(&result, _)| site.gradient(result, cotangents))
        .collect::<Result<_>>()?;
    let result_types = site.result_types()?;
    let gradient_types: Vec<TensorType> =
        result_types.into_iter().zip(&wanted).filter(|(_, wanted)| **wanted).map(|(kind, _)| kind).collect();
    let count = gradient_types.len();
    let mut backward = Vec::new();
    for (derivative, used) in found.iter().zip(&used) {
        let recorded = record_function(
            &name(derivative, ".gradient")?,
            Origin::Derived("gradient of a branch".into()),
            parameters(gradient_types.iter().chain(&places).cloned()),
            &node.location,
            |operands| {
                let (gradients, places) = operands.split_at(count.min(operands.len()));
                let residuals: Vec<Tensor> =
                    used.iter().filter_map(|&place| places.get(place).cloned()).collect();
                let found = call_backward(derivative, gradients, &residuals, node)?;
                let of_inputs = inputs.iter().map(|input| of(&found.inputs, input));
                let of_variables = variables.iter().map(|variable| of(&found.variables, variable));
                Ok(of_inputs
                    .chain(of_variables)
                    .zip(&kinds)
                    .map(|(found, kind)| found.unwrap_or_else(|| zeros(kind)))
                    .collect())
            },
        )?;
        backward.push(recorded.function);
    }
    let index = site.operands()?.into_iter().next().ok_or_else(gone)?;
    let operands: Vec<Tensor> = [index].into_iter().chain(gradients).chain(residuals).collect();
    let mut results = push(Operation::Case(backward), &operands, kinds.clone())?.into_iter();
    for &input in &inputs {
        site.add(cotangents, input + 1, results.next().ok_or_else(gone)?)?;
    }
    for &variable in &variables {
        site.add_variable(cotangents, variable, results.next().ok_or_else(gone)?)?;
    }
    Ok(())
}

/// Finds a place for each residual, sharing those that other branches have made.
fn place(places: &mut Vec<TensorType>, residuals: &[TensorType]) -> Vec<usize> {
    let mut taken = Vec::new();
    for residual in residuals {
        let free = (0..places.len()).find(|index| places[*index] == *residual && !taken.contains(index));
        taken.push(free.unwrap_or_else(|| {
            places.push(residual.clone());
            places.len() - 1
        }));
    }
    taken
}

fn union<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    sorted::set(items).into_iter().collect()
}

fn name(derivative: &Derivative, suffix: &str) -> Result<String> {
    Ok(format!("{}{suffix}", base_name(&function(derivative.forward)?.name)))
}

fn origin(derivative: &Derivative) -> Result<Origin> {
    Ok(function(derivative.forward)?.origin)
}
