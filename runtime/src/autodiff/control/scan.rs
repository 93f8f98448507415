//! The gradient of a scan: a scan the other way round.

use super::kept::{self, Kept};
use super::{Site, call_backward, function, gone, of, parameters, push, variable_type, zeros};
use crate::autodiff::cotangents::Cotangents;
use crate::autodiff::function::Derivatives;
use crate::error::Result;
use crate::graph::{Operation, Origin, VariableId, base_name, record, record_call, with_active};
use crate::tensor::{Dim, Shape, Tensor, TensorType};

/// Adds the gradients that flow through a scan.
pub(super) fn differentiate(
    site: &Site<'_>,
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    let node = site.node;
    let Operation::Scan { body, state, inputs, length, reverse } = &node.operation else {
        return Err(gone());
    };
    let (states, items) = (*state as usize, *inputs as usize);
    let active = site.loop_activity(derivatives)?;
    let rest = states + items;
    let outputs = node.results.len();

    // What the backward loop takes: gradients of the active state and of the outputs that have one.
    let carried: Vec<usize> = (0..states).filter(|&index| active[index]).collect();
    let given: Vec<usize> =
        (states..outputs).filter(|&index| site.wants(node.results[index], cotangents)).collect();
    let wanted: Vec<bool> =
        (0..outputs).map(|index| carried.contains(&index) || given.contains(&index)).collect();
    let derivative = derivatives.of(*body, &site.sources(active), &wanted)?;

    // Residuals that are the same in every iteration, or that an input holds already, are not stacked.
    let residuals = kept::residuals(derivative.forward, outputs)?;
    let forward = function(derivative.forward)?;
    let residual_types: Vec<TensorType> = forward.output_types().skip(outputs).cloned().collect();
    let stacked = |kept: &Kept| match kept {
        Kept::Computed => true,
        Kept::Input(index) => *index < states,
        Kept::Variable(_) => false,
    };
    let recorded = record(
        base_name(&forward.name),
        forward.origin.clone(),
        parameters(forward.input_types().cloned()),
        &node.location,
        |operands| {
            let mut results = record_call(derivative.forward, operands, &[], &node.location)?;
            let found = results.split_off(outputs.min(results.len()));
            let found = found.into_iter().zip(&residuals).filter(|(_, kept)| stacked(kept));
            results.extend(found.map(|(residual, _)| residual));
            Ok(results)
        },
    )?;
    let stack_types: Vec<TensorType> = residual_types
        .iter()
        .zip(&residuals)
        .filter(|(_, kept)| stacked(kept))
        .map(|(kind, _)| stack_of(kind, length))
        .collect();
    let operation = Operation::Scan {
        body: recorded.function,
        state: *state,
        inputs: *inputs,
        length: length.clone(),
        reverse: *reverse,
    };
    let stacks = site.replace(operation, &stack_types)?;

    // The operands of the backward loop: first its state.
    let operands = site.operands()?;
    let operand_types = site.operand_types()?;
    let result_types = site.result_types()?;
    let summed: Vec<usize> = derivative.inputs.iter().copied().filter(|&index| index >= rest).collect();
    let of_items: Vec<usize> =
        derivative.inputs.iter().copied().filter(|&index| (states..rest).contains(&index)).collect();
    let mut first: Vec<Tensor> =
        carried.iter().map(|&index| site.gradient(node.results[index], cotangents)).collect::<Result<_>>()?;
    let mut state_types: Vec<TensorType> = carried.iter().map(|&index| result_types[index].clone()).collect();
    let mut sum_types: Vec<TensorType> = summed.iter().map(|&index| operand_types[index].clone()).collect();
    for &variable in &derivative.variables {
        sum_types.push(variable_type(variable)?);
    }
    first.extend(sum_types.iter().map(zeros));
    state_types.extend(sum_types);
    let backward_states = state_types.len();

    // Then what is taken apart, and what stays the same.
    let mut apart: Vec<Tensor> =
        given.iter().map(|&index| site.gradient(node.results[index], cotangents)).collect::<Result<_>>()?;
    let mut apart_types: Vec<TensorType> =
        given.iter().map(|&index| item_of(&result_types[index])).collect::<Option<_>>().ok_or_else(gone)?;
    let mut same: Vec<Tensor> = Vec::new();
    let mut same_types: Vec<TensorType> = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    let mut stacks = stacks.into_iter();
    for (kept, kind) in residuals.iter().zip(&residual_types) {
        let tensor = match kept {
            Kept::Variable(variable) => read_before(site, *variable, kind)?,
            Kept::Input(index) if *index >= states => operands.get(*index).cloned().ok_or_else(gone)?,
            Kept::Input(_) | Kept::Computed => stacks.next().ok_or_else(gone)?,
        };
        let is_same = match kept {
            Kept::Variable(_) => true,
            Kept::Input(index) => *index >= rest,
            Kept::Computed => false,
        };
        if is_same {
            places.push(Place::Same(same.len()));
            same.push(tensor);
            same_types.push(kind.clone());
        } else {
            places.push(Place::Apart(apart.len()));
            apart.push(tensor);
            apart_types.push(kind.clone());
        }
    }

    let backward_inputs = apart.len();
    let all_types = state_types.iter().chain(&apart_types).chain(&same_types).cloned();
    let recorded = record(
        &format!("{}.gradient", base_name(&forward.name)),
        Origin::Derived("gradient of a loop".into()),
        parameters(all_types),
        &node.location,
        |operands| {
            let (state, others) = operands.split_at(backward_states.min(operands.len()));
            let (apart, same) = others.split_at(backward_inputs.min(others.len()));
            let find = |place: &Place| match place {
                Place::Same(index) => same.get(*index).cloned(),
                Place::Apart(index) => apart.get(*index).cloned(),
            };
            let residuals: Vec<Tensor> = places.iter().filter_map(find).collect();
            let gradients: Vec<Tensor> =
                state.iter().take(carried.len()).chain(apart.iter().take(given.len())).cloned().collect();
            let (of_inputs, of_variables) = call_backward(&derivative, &gradients, &residuals, node)?;
            let new = carried.iter().zip(&state_types);
            let mut results: Vec<Tensor> =
                new.map(|(index, kind)| of(&of_inputs, index).unwrap_or_else(|| zeros(kind))).collect();
            let terms = summed.iter().map(|index| of(&of_inputs, index));
            let terms = terms.chain(derivative.variables.iter().map(|variable| of(&of_variables, variable)));
            let sums = state.iter().skip(carried.len());
            results.extend(sums.zip(terms).map(|(sum, term)| match term {
                Some(term) => sum + term,
                None => sum.clone(),
            }));
            results.extend(of_items.iter().filter_map(|index| of(&of_inputs, index)));
            Ok(results)
        },
    )?;
    let item_types = of_items.iter().map(|&index| operand_types[index].clone());
    let results = push(
        Operation::Scan {
            body: recorded.function,
            state: u32::try_from(backward_states).map_err(|_| gone())?,
            inputs: u32::try_from(backward_inputs).map_err(|_| gone())?,
            length: length.clone(),
            reverse: !reverse,
        },
        &[first, apart, same].concat(),
        state_types.iter().cloned().chain(item_types).collect(),
    )?;
    let mut results = results.into_iter();
    for &index in carried.iter().chain(&summed) {
        site.add(cotangents, index, results.next().ok_or_else(gone)?)?;
    }
    for &variable in &derivative.variables {
        site.add_variable(cotangents, variable, results.next().ok_or_else(gone)?)?;
    }
    for &index in &of_items {
        site.add(cotangents, index, results.next().ok_or_else(gone)?)?;
    }
    Ok(())
}

/// Where the backward loop finds a residual.
enum Place {
    /// Among the values that stay the same.
    Same(usize),
    /// Among those that are taken apart.
    Apart(usize),
}

/// Reads a variable before the loop.
fn read_before(site: &Site<'_>, variable: VariableId, kind: &TensorType) -> Result<Tensor> {
    with_active(|construction| {
        let building = construction.stack.get_mut(site.level)?;
        let result = building.new_value(kind.clone());
        let node = crate::graph::Node {
            operation: Operation::Read(variable),
            operands: Vec::new(),
            results: vec![result],
            location: site.node.location.clone(),
        };
        building.function.nodes.insert(site.index, node);
        Some(building.tensor(result))
    })
    .flatten()
    .ok_or_else(gone)
}

/// The type of `length` items of a type, stacked.
fn stack_of(kind: &TensorType, length: &Dim) -> TensorType {
    let dims = std::iter::once(length.clone()).chain(kind.shape.iter().cloned());
    TensorType::new(kind.dtype, Shape::new(dims.collect::<Vec<_>>()))
}

/// The type of an item of a stack.
fn item_of(kind: &TensorType) -> Option<TensorType> {
    let (_, dims) = kind.shape.split_first()?;
    Some(TensorType::new(kind.dtype, Shape::new(dims.to_vec())))
}
