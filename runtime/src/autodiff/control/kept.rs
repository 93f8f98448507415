//! What a loop has to keep of an iteration: not what every iteration has in common.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::autodiff::reverse::assigned_by;
use crate::error::Result;
use crate::graph::{FunctionId, Operation, ValueId, VariableId, with_active};

/// Where a residual of a loop's body comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// The body computes it: one for each iteration.
    Computed,
    /// It is an input of the body.
    Input(usize),
    /// It is what a variable holds that the body does not assign.
    Variable(VariableId),
}

/// Where the outputs of `body` behind the first `skip` come from.
pub(super) fn residuals(body: FunctionId, skip: usize) -> Result<Vec<Kept>> {
    let outputs = super::function(body)?.outputs;
    let mut origins = Origins { assigned: assigned_by(body), known: HashMap::new() };
    Ok(outputs.iter().skip(skip).map(|&output| origins.of(body, output)).collect())
}

/// Where values of a body and of the functions it calls come from.
struct Origins {
    /// The variables that the body assigns.
    assigned: BTreeSet<VariableId>,
    /// For the functions met so far, where each value is found.
    known: HashMap<FunctionId, HashMap<ValueId, Found>>,
}

impl Origins {
    fn of(&mut self, function: FunctionId, value: ValueId) -> Kept {
        let known = self.known.entry(function).or_insert_with(|| found_in(function));
        match known.get(&value).cloned() {
            Some(Found::Input(index)) => Kept::Input(index),
            Some(Found::Variable(variable)) if !self.assigned.contains(&variable) => Kept::Variable(variable),
            Some(Found::Output(callee, output, operands)) => match self.of(callee, output) {
                Kept::Input(index) => {
                    operands.get(index).map_or(Kept::Computed, |&operand| self.of(function, operand))
                }
                kept => kept,
            },
            Some(Found::Variable(_)) | None => Kept::Computed,
        }
    }
}

#[derive(Clone)]
enum Found {
    Input(usize),
    Variable(VariableId),
    Output(FunctionId, ValueId, Arc<[ValueId]>),
}

/// Where the values of a function are found, except for those that it computes itself.
fn found_in(function: FunctionId) -> HashMap<ValueId, Found> {
    let found = with_active(|construction| {
        let function = construction.graph.function(function)?;
        let mut found = HashMap::new();
        for node in &function.nodes {
            match node.operation {
                Operation::Read(variable) => {
                    found.extend(node.results.iter().map(|&result| (result, Found::Variable(variable))));
                }
                Operation::Call(callee) => {
                    let operands: Arc<[ValueId]> = node.operands.as_slice().into();
                    let outputs = &construction.graph.function(callee)?.outputs;
                    let output = |output: &ValueId| Found::Output(callee, *output, Arc::clone(&operands));
                    found.extend(node.results.iter().copied().zip(outputs.iter().map(output)));
                }
                _ => {}
            }
        }
        let inputs = function.inputs.iter().enumerate();
        found.extend(inputs.map(|(index, (_, value))| (*value, Found::Input(index))));
        Some(found)
    });
    found.flatten().unwrap_or_default()
}
