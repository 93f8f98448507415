//! What a loop has to keep of an iteration: not what every iteration has in common.

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
    Ok(outputs.iter().skip(skip).map(|&output| origin(body, body, output)).collect())
}

fn origin(body: FunctionId, function: FunctionId, value: ValueId) -> Kept {
    let found = with_active(|construction| {
        let function = construction.graph.function(function)?;
        if let Some(index) = function.inputs.iter().position(|(_, input)| *input == value) {
            return Some(Found::Input(index));
        }
        let node = function.nodes.iter().find(|node| node.results.contains(&value))?;
        match node.operation {
            Operation::Read(variable) => Some(Found::Variable(variable)),
            Operation::Call(callee) => {
                let index = node.results.iter().position(|&result| result == value)?;
                let output = construction.graph.function(callee)?.outputs.get(index)?;
                Some(Found::Output(callee, *output, node.operands.clone()))
            }
            _ => None,
        }
    });
    match found.flatten() {
        Some(Found::Input(index)) => Kept::Input(index),
        Some(Found::Variable(variable)) if !assigned_by(body).contains(&variable) => Kept::Variable(variable),
        Some(Found::Output(callee, output, operands)) => match origin(body, callee, output) {
            Kept::Input(index) => {
                operands.get(index).map_or(Kept::Computed, |&operand| origin(body, function, operand))
            }
            kept => kept,
        },
        Some(Found::Variable(_)) | None => Kept::Computed,
    }
}

enum Found {
    Input(usize),
    Variable(VariableId),
    Output(FunctionId, ValueId, Vec<ValueId>),
}
