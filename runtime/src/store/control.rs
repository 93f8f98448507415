//! The records of loops and branches.

use super::interner::Interner;
use super::lookup::{Lookup, missing};
use super::names::OperationKind;
use super::records::{Control, Functions, NONE, Parts, end};
use crate::graph::{Function, FunctionId, Operation};
use crate::tensor::{DType, Dim, Shape, TensorType};

/// The type of the list of all indices of a dimension: how a length stands in a file.
fn indices(length: &Dim) -> TensorType {
    TensorType::new(DType::I64, Shape::from([length.clone()]))
}

/// Appends the record of a loop or branch; gives what its node says of it.
pub(super) fn write_control(
    operation: &Operation,
    table: &mut Functions,
    names: &mut Interner,
) -> Result<(OperationKind, u32), String> {
    let mut record = Control { length: NONE, ..Control::default() };
    let kind = match operation {
        Operation::While { state, .. } => {
            record.state = *state;
            OperationKind::While
        }
        Operation::Scan { state, inputs, length, reverse, .. } => {
            (record.state, record.inputs, record.reverse) = (*state, *inputs, u8::from(*reverse));
            record.length = names.kind(&indices(length))?;
            OperationKind::Scan
        }
        Operation::Unwind { state, gradients, .. } => {
            (record.state, record.gradients) = (*state, *gradients);
            OperationKind::Unwind
        }
        _ => OperationKind::Case,
    };
    table.callees.extend(operation.callees().map(|callee| callee.0));
    record.callees_end = end(&table.callees)?;
    let index = end(&table.controls)?;
    table.controls.push(record);
    Ok((kind, index))
}

/// What is left of the lists that loops and branches share.
pub(super) struct Controls<'a> {
    records: &'a [Control],
    callees: Parts<'a, u32>,
    /// Records read so far.
    read: usize,
}

impl<'a> Controls<'a> {
    pub fn new(table: &'a Functions) -> Self {
        Self { records: &table.controls, callees: Parts::new(&table.callees), read: 0 }
    }

    /// The operation of a node that mentions this record: each record belongs to one node, in their order.
    pub fn next(&mut self, kind: OperationKind, index: u32, lookup: &Lookup) -> Result<Operation, String> {
        let record = self.records.get(index as usize).filter(|_| index as usize == self.read);
        let record = record
            .ok_or_else(|| format!("a node has the control flow {index}, and {} is next", self.read))?;
        self.read += 1;
        let callees: Vec<_> =
            self.callees.next(record.callees_end)?.iter().copied().map(FunctionId).collect();
        let number = |expected: usize| {
            format!("control flow {index} runs {} functions, not {expected}", callees.len())
        };
        let Control { state, inputs, gradients, .. } = *record;
        Ok(match kind {
            OperationKind::While => {
                let [condition, body] = callees[..] else { return Err(number(2)) };
                Operation::While { condition, body, state }
            }
            OperationKind::Scan => {
                let [body] = callees[..] else { return Err(number(1)) };
                let kind = lookup.kind(record.length)?;
                let length = match (kind.dtype, &kind.shape[..]) {
                    (DType::I64, [length]) => length.clone(),
                    _ => return Err(format!("control flow {index} has the length {kind}")),
                };
                if record.reverse > 1 {
                    return Err(format!("control flow {index} has the direction {}", record.reverse));
                }
                Operation::Scan { body, state, inputs, length, reverse: record.reverse == 1 }
            }
            OperationKind::Unwind => {
                let [condition, body, step] = callees[..] else { return Err(number(3)) };
                Operation::Unwind { condition, body, step, state, gradients }
            }
            _ => Operation::Case(callees),
        })
    }

    /// Checks that nothing is left over.
    pub fn finish(self) -> Result<(), String> {
        match self.records.len() - self.read {
            0 => self.callees.finish(),
            left => Err(format!("{left} records of control flow belong to no node")),
        }
    }
}

/// Checks that the functions that are run stand before and take and give as many values as they have to.
///
/// The types are checked with the whole graph; each check takes no longer than reading what is charged for here.
pub(super) fn check_control(
    operation: &Operation,
    functions: &[Function],
    operands: &[u32],
    results: &[u32],
    kinds: &[u32],
    lookup: &Lookup,
) -> Result<(), String> {
    let numbers = |inputs: usize, outputs: usize| Some((inputs, outputs));
    let (all, given) = (operands.len(), results.len());
    for (number, callee) in operation.callees().enumerate() {
        let function = functions.get(callee.index());
        let function = function.ok_or_else(|| missing("function before it", callee.0, functions.len()))?;
        let expected = match (operation, number) {
            (Operation::While { .. }, 0) => numbers(all, 1),
            (Operation::While { state, .. }, _) => {
                numbers(all, *state as usize).filter(|_| given == *state as usize)
            }
            (Operation::Scan { .. }, _) => numbers(all, given),
            (Operation::Unwind { gradients, .. }, 0) => {
                all.checked_sub(*gradients as usize).map(|all| (all, 1))
            }
            (Operation::Unwind { gradients, state, .. }, 1) => {
                all.checked_sub(*gradients as usize).map(|all| (all, *state as usize))
            }
            (Operation::Unwind { gradients, .. }, _) => {
                numbers(all, *gradients as usize).filter(|_| given == *gradients as usize)
            }
            _ => all.checked_sub(1).map(|all| (all, given)),
        };
        if expected != Some((function.inputs.len(), function.outputs.len())) {
            return Err(format!(
                "a {} of `{}` has {all} operands and {given} results",
                operation.name(),
                function.name
            ));
        }
        for value in operands.iter().chain(results) {
            kinds.get(*value as usize).map_or(Ok(()), |&kind| lookup.mention(kind))?;
        }
    }
    Ok(())
}
