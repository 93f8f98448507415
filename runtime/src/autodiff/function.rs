//! The gradient of a function: a forward function that also gives residuals, and a backward function.

use std::collections::HashMap;
use std::sync::Arc;

use super::activity::{Activities, Activity, Sources};
use super::cotangents::Cotangents;
use super::reverse::{trace_error, walk};
use crate::error::Result;
use crate::graph::{
    Construction, FunctionId, GradientRule, Node, Operation, Origin, ValueId, VariableId, base_name,
    with_active,
};
use crate::tensor::{Tensor, TensorType};

/// A function differentiated.
#[derive(Clone, Debug)]
pub(super) struct Derivative {
    /// Gives the outputs of the function, then the residuals.
    pub forward: FunctionId,
    /// Takes the gradients of the outputs that have one, then the residuals; gives the gradients of `inputs`, then of
    /// `variables`.
    pub backward: FunctionId,
    /// The inputs it gives gradients of.
    pub inputs: Vec<usize>,
    /// The variables it gives gradients of.
    pub variables: Vec<VariableId>,
}

/// The functions differentiated so far in one call of `gradients`.
#[derive(Default)]
pub(super) struct Derivatives {
    pub activities: Activities,
    known: HashMap<(FunctionId, Sources, Vec<bool>), Derivative>,
    /// The number of functions that are being differentiated within each other.
    depth: usize,
}

impl Derivatives {
    /// The level of the function that is being differentiated: the top, or below its backward function.
    pub fn level(&self) -> Result<usize> {
        let height = with_active(|construction| construction.stack.len()).unwrap_or(0);
        let below_top = if self.depth == 0 { 1 } else { 2 };
        height.checked_sub(below_top).ok_or_else(|| trace_error("no function is being traced".into()))
    }

    /// The derivative of a function for gradients of the outputs that `wanted` marks.
    pub fn of(&mut self, id: FunctionId, sources: &Sources, wanted: &[bool]) -> Result<Derivative> {
        let key = (id, sources.clone(), wanted.to_vec());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let rule = with_active(|construction| Some(construction.graph.function(id)?.gradient)).flatten();
        let derivative = match rule.unwrap_or_default() {
            GradientRule::Nodes => self.differentiate(id, sources, wanted)?,
            GradientRule::Recompute => self.recomputed(id, sources, wanted)?,
            GradientRule::Own(own) => self.own(id, own, sources, wanted)?,
        };
        self.known.insert(key, derivative.clone());
        Ok(derivative)
    }

    /// The derivative that comes from the nodes of a function.
    pub(super) fn differentiate(
        &mut self,
        id: FunctionId,
        sources: &Sources,
        wanted: &[bool],
    ) -> Result<Derivative> {
        self.depth += 1;
        let derivative = self.of_nodes(id, sources, wanted);
        self.depth -= 1;
        derivative
    }

    fn of_nodes(&mut self, id: FunctionId, sources: &Sources, wanted: &[bool]) -> Result<Derivative> {
        let gone = || trace_error("the function that is differentiated is gone".into());
        let opened = with_active(|construction| {
            let activity = self.activities.of(&construction.graph, id, sources);
            construction.open(id, wanted).map(|opened| (opened, activity))
        });
        let (opened, activity): (Opened, Arc<Activity>) = opened.flatten().ok_or_else(gone)?;

        let mut cotangents = Cotangents::default();
        for (output, gradient) in opened.outputs.iter().zip(opened.gradients) {
            cotangents.add(*output, gradient);
        }
        let walked = walk(&opened.nodes, &activity, sources, &mut cotangents, self);

        let inputs: Vec<usize> = (0..opened.inputs.len())
            .filter(|&index| sources.inputs.get(index).copied().unwrap_or(false))
            .filter(|&index| cotangents.get(opened.inputs[index]).is_some())
            .collect();
        let of_inputs = inputs.iter().filter_map(|&index| cotangents.get(opened.inputs[index]).cloned());
        let variables: Vec<VariableId> = cotangents.variables.keys().copied().collect();
        let outputs: Vec<Tensor> = of_inputs.chain(cotangents.variables.values().cloned()).collect();
        let closed = with_active(|construction| construction.close(&outputs)).flatten();
        walked?;
        let (forward, backward) = closed.ok_or_else(gone)?;
        Ok(Derivative { forward, backward, inputs, variables })
    }
}

/// A function whose forward copy and backward function lie on the stack.
struct Opened {
    nodes: Vec<Node>,
    inputs: Vec<ValueId>,
    /// The outputs that have a gradient, and the gradients.
    outputs: Vec<ValueId>,
    gradients: Vec<Tensor>,
}

impl Construction {
    /// Puts a copy of a function on the stack, and above it the function that will compute gradients.
    fn open(&mut self, id: FunctionId, wanted: &[bool]) -> Option<Opened> {
        let function = self.graph.function(id)?.clone();
        let assigned = self.assigned.get(id.index())?.clone();
        let wanted_outputs = function.outputs.iter().zip(wanted).filter(|(_, wanted)| **wanted);
        let outputs: Vec<ValueId> = wanted_outputs.map(|(&output, _)| output).collect();
        let types: Vec<(String, TensorType)> = outputs
            .iter()
            .enumerate()
            .map(|(index, &output)| Some((format!("gradient_{index}"), function.value_type(output)?.clone())))
            .collect::<Option<_>>()?;
        let nodes = function.nodes.clone();
        let inputs = function.inputs.iter().map(|(_, value)| *value).collect();
        let base = base_name(&function.name).to_owned();
        self.begin(&base, function.origin.clone(), Vec::new());
        let forward = self.stack.last_mut()?;
        forward.function = function;
        forward.function.gradient = GradientRule::Nodes;
        forward.function.name.clone_from(&base);
        forward.assigned = assigned;
        let gradients =
            self.begin(&format!("{base}.gradient"), Origin::Derived(format!("gradient of {base}")), types);
        Some(Opened { nodes, inputs, outputs, gradients })
    }

    /// Takes both functions off the stack; what the backward one uses of the forward one becomes its residuals.
    fn close(&mut self, outputs: &[Tensor]) -> Option<(FunctionId, FunctionId)> {
        let location = self.location.clone()?;
        let outputs: Option<Vec<ValueId>> =
            outputs.iter().map(|output| self.value_of(output, &location)).collect();
        let Some(outputs) = outputs else {
            self.stack.pop();
            self.stack.pop();
            return None;
        };
        let (backward, residuals) = self.finish(outputs)?;
        let mut outputs = self.stack.last()?.function.outputs.clone();
        outputs.extend(residuals);
        let (forward, _) = self.finish(outputs)?;
        Some((forward, backward))
    }

    /// Makes the call at `index` of the function at `level` one of the forward function, and gives the residuals.
    pub(super) fn call_forward(
        &mut self,
        level: usize,
        index: usize,
        derivative: &Derivative,
    ) -> Option<Vec<ValueId>> {
        let forward = self.graph.function(derivative.forward)?;
        let outputs: Vec<TensorType> = forward.output_types().cloned().collect();
        let building = self.stack.get_mut(level)?;
        let already = building.function.nodes.get(index)?.results.len();
        let residuals: Vec<ValueId> =
            outputs.get(already..)?.iter().map(|kind| building.new_value(kind.clone())).collect();
        let node = building.function.nodes.get_mut(index)?;
        node.operation = Operation::Call(derivative.forward);
        node.results.extend(&residuals);
        Some(residuals)
    }

    /// Records a call of a backward function in the innermost one.
    pub(super) fn call_backward(&mut self, operands: &[Tensor], backward: FunctionId) -> Option<Vec<Tensor>> {
        let location = self.location.clone()?;
        let operands: Option<Vec<ValueId>> =
            operands.iter().map(|operand| self.value_of(operand, &location)).collect();
        let results = self.push_call(backward, operands?, location);
        let building = self.stack.last()?;
        Some(results.into_iter().map(|result| building.tensor(result)).collect())
    }
}
