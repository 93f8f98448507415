//! Functions whose gradient does not come from their nodes alone: recomputed ones, and those with a gradient of the user.

use super::activity::Sources;
use super::function::{Derivative, Derivatives};
use super::reverse::trace_error;
use crate::error::{Location, Result};
use crate::graph::{
    Function, FunctionId, GradientRule, Origin, base_name, record_call, record_function, with_active,
};
use crate::tensor::{Tensor, TensorType};

impl Derivatives {
    /// The derivative of a function that keeps nothing but its inputs and runs again before its gradient is taken.
    pub(super) fn recomputed(
        &mut self,
        id: FunctionId,
        sources: &Sources,
        wanted: &[bool],
    ) -> Result<Derivative> {
        let function = function(id)?;
        let changed = with_active(|construction| construction.changed_variable(id)).flatten();
        if let Some((_, path)) = changed {
            return Err(trace_error(format!(
                "`{}` is recomputed for its gradient, and the variable `{path}` that it uses changes before that: \
                 draw random numbers and update statistics outside of `checkpoint`",
                base_name(&function.name)
            )));
        }
        let derivative = self.differentiate(id, sources, wanted)?;
        let kept: Vec<usize> = (0..function.inputs.len()).collect();
        let forward = with_residuals(id, &function, &kept, false)?;
        let inputs: Vec<TensorType> = function.input_types().cloned().collect();
        let backward = backward(&function, wanted, inputs, |gradients, inputs, location| {
            let mut outputs = record_call(derivative.forward, inputs, &[], location)?;
            let residuals = outputs.split_off(function.outputs.len().min(outputs.len()));
            record_call(derivative.backward, &[gradients.to_vec(), residuals].concat(), &[], location)
        })?;
        Ok(Derivative { forward, backward, ..derivative })
    }

    /// The derivative of a function whose gradient is the function `own` of the user.
    pub(super) fn own(
        &mut self,
        id: FunctionId,
        own: FunctionId,
        sources: &Sources,
        wanted: &[bool],
    ) -> Result<Derivative> {
        let function = function(id)?;
        let read = with_active(|construction| {
            let activity = self.activities.of(&construction.graph, id, sources);
            let variable = activity.variables.first()?;
            Some(construction.graph.variables.get(variable.index())?.path.clone())
        });
        if let Some(path) = read.flatten() {
            return Err(trace_error(format!(
                "`{}` has a gradient of its own and reads the variable `{path}`, whose gradient that does not give: \
                 make the variable's value an input",
                base_name(&function.name)
            )));
        }
        let kept: Vec<usize> = (0..function.inputs.len()).collect();
        let forward = with_residuals(id, &function, &kept, true)?;
        let inputs: Vec<usize> =
            kept.into_iter().filter(|&index| sources.inputs.get(index).copied().unwrap_or(false)).collect();
        let count = function.inputs.len();
        let residuals = function.input_types().chain(function.output_types()).cloned().collect();
        let backward = backward(&function, wanted, residuals, |gradients, residuals, location| {
            let mut gradients = gradients.iter().cloned();
            let outputs = residuals.iter().skip(count);
            let gradients = outputs.zip(wanted).map(|(output, &wanted)| {
                let gradient = if wanted { gradients.next() } else { None };
                gradient.unwrap_or_else(|| output.zeros_like())
            });
            let operands: Vec<Tensor> = residuals.iter().cloned().chain(gradients).collect();
            let all = record_call(own, &operands, &[], location)?;
            Ok(inputs.iter().filter_map(|&index| all.get(index).cloned()).collect())
        })?;
        Ok(Derivative { forward, backward, inputs, variables: Vec::new() })
    }
}

/// A copy of a function that also gives some of its inputs, and its outputs once more if `outputs`.
fn with_residuals(
    id: FunctionId,
    function: &Function,
    inputs: &[usize],
    outputs: bool,
) -> Result<FunctionId> {
    let copied = with_active(|construction| {
        let assigned = construction.assigned.get(id.index())?.clone();
        construction.begin(base_name(&function.name), function.origin.clone(), Vec::new());
        let building = construction.stack.last_mut()?;
        building.assigned = assigned;
        building.function = function.clone();
        base_name(&function.name).clone_into(&mut building.function.name);
        let mut all = function.outputs.clone();
        all.extend(inputs.iter().filter_map(|&index| Some(function.inputs.get(index)?.1)));
        if outputs {
            all.extend(&function.outputs);
        }
        // It has other outputs than the function that the rule is about.
        building.function.gradient = GradientRule::Nodes;
        construction.finish(all)
    });
    copied.flatten().map(|(id, _)| id).ok_or_else(gone)
}

/// A backward function of gradients of the wanted outputs and of residuals of these types.
fn backward(
    function: &Function,
    wanted: &[bool],
    residuals: Vec<TensorType>,
    body: impl FnOnce(&[Tensor], &[Tensor], &Location) -> Result<Vec<Tensor>>,
) -> Result<FunctionId> {
    let location =
        with_active(|construction| construction.location.clone()).flatten().unwrap_or_else(Location::caller);
    let base = base_name(&function.name);
    let gradients: Vec<TensorType> = function
        .output_types()
        .zip(wanted)
        .filter(|(_, wanted)| **wanted)
        .map(|(kind, _)| kind.clone())
        .collect();
    let count = gradients.len();
    let gradients = gradients.into_iter().enumerate().map(|(i, kind)| (format!("gradient_{i}"), kind));
    let residuals = residuals.into_iter().enumerate().map(|(i, kind)| (format!("residual_{i}"), kind));
    let recorded = record_function(
        &format!("{base}.gradient"),
        Origin::Derived(format!("gradient of {base}")),
        gradients.chain(residuals).collect(),
        &location,
        |inputs| {
            let (gradients, residuals) = inputs.split_at(count.min(inputs.len()));
            body(gradients, residuals, &location)
        },
    )?;
    Ok(recorded.function)
}

fn function(id: FunctionId) -> Result<Function> {
    with_active(|construction| construction.graph.function(id).cloned()).flatten().ok_or_else(gone)
}

fn gone() -> crate::error::Error {
    trace_error("the function that is differentiated is gone".into())
}
