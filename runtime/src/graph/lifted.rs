//! Functions whose variables are values: a `while` carries what its body assigns, so that it can run again for its gradient.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::construction::Construction;
use super::function::{Function, FunctionId, Node, Operation, ValueId, VariableId};
use super::op::DynOp;
use crate::error::Location;
use crate::tensor::TensorType;

/// Where the values of variables stand among the inputs of a function, and among its outputs.
#[derive(Clone, Copy)]
struct Places {
    inputs: usize,
    outputs: Option<usize>,
}

/// A function being copied.
struct Copy {
    function: Function,
    /// What reads of variables were replaced by.
    replaced: BTreeMap<ValueId, ValueId>,
    /// What each variable is at this point.
    current: BTreeMap<VariableId, ValueId>,
}

impl Copy {
    fn known(&self, value: ValueId) -> ValueId {
        self.replaced.get(&value).copied().unwrap_or(value)
    }

    fn new_value(&mut self, kind: TensorType) -> ValueId {
        self.function.values.push(kind);
        ValueId::new(self.function.values.len() - 1)
    }

    /// Puts the values of variables in at `inputs`, and gives each a new value among the results at `outputs`.
    fn carry(
        &mut self,
        node: &mut Node,
        variables: &[VariableId],
        inputs: usize,
        outputs: usize,
    ) -> Option<()> {
        let given: Option<Vec<ValueId>> = variables.iter().map(|id| self.current.get(id).copied()).collect();
        splice(&mut node.operands, inputs, given?)?;
        let mut results = Vec::new();
        for &id in variables {
            let kind = self.function.value_type(*self.current.get(&id)?)?.clone();
            let result = self.new_value(kind);
            self.current.insert(id, result);
            results.push(result);
        }
        splice(&mut node.results, outputs, results)
    }
}

fn splice<T>(list: &mut Vec<T>, at: usize, items: Vec<T>) -> Option<()> {
    if at > list.len() {
        return None;
    }
    list.splice(at..at, items);
    Some(())
}

impl Construction {
    /// Records a `while` over these values. The variables that its body assigns become part of its state: they are read
    /// before it, and assigned after it. `stop` lets no gradient through, as an assignment does not.
    pub fn push_while(
        &mut self,
        [condition, body]: [FunctionId; 2],
        state: u32,
        values: Vec<ValueId>,
        mut types: Vec<TensorType>,
        stop: &Arc<dyn DynOp>,
        location: &Location,
    ) -> Option<Vec<ValueId>> {
        let assigned = |id: FunctionId| self.assigned.get(id.index()).cloned().unwrap_or_default();
        let variables: Vec<VariableId> = assigned(body).into_iter().collect();
        let as_it_is = Operation::While { condition, body, state };
        if variables.is_empty() || !assigned(condition).is_empty() {
            return Some(self.push_running(as_it_is, values, types, location.clone()));
        }
        let at = state as usize;
        let functions = self.graph.functions.len();
        let lifted = [(condition, None), (body, Some(at))]
            .map(|(id, outputs)| self.lifted(id, &variables, Places { inputs: at, outputs }, stop));
        let [Some(condition), Some(body)] = lifted else {
            // What cannot be copied runs as it is.
            self.graph.functions.truncate(functions);
            self.assigned.truncate(functions);
            return Some(self.push_running(as_it_is, values, types, location.clone()));
        };
        let mut operands = values;
        let mut before = Vec::new();
        for &id in &variables {
            let kind = self.graph.variables.get(id.index())?.kind.clone();
            let value = self.read_value(id, location)?;
            // A variable that a loop assigns counts as a constant in it.
            let operation = Operation::Op(Arc::clone(stop));
            let building = self.stack.last_mut()?;
            before.extend(building.push(operation, vec![value], vec![kind.clone()], location.clone()));
            types.push(kind);
        }
        splice(&mut operands, at, before)?;
        let state = state.checked_add(u32::try_from(variables.len()).ok()?)?;
        let operation = Operation::While { condition, body, state };
        let mut results = self.push_running(operation, operands, types, location.clone());
        let carried = results.split_off(at.min(results.len()));
        let building = self.stack.last_mut()?;
        for (&id, value) in variables.iter().zip(carried) {
            building.push(Operation::Assign(id), vec![value], Vec::new(), location.clone());
            building.reads.remove(&id);
            building.assigned.insert(id);
        }
        Some(results)
    }

    fn read_value(&mut self, id: VariableId, location: &Location) -> Option<ValueId> {
        let kind = self.graph.variables.get(id.index())?.kind.clone();
        let building = self.stack.last_mut()?;
        if let Some(&value) = building.reads.get(&id) {
            return Some(value);
        }
        let value = building.push(Operation::Read(id), Vec::new(), vec![kind], location.clone()).pop()?;
        building.reads.insert(id, value);
        Some(value)
    }

    /// A copy of a function that takes these variables as inputs, and gives what they are at its end.
    fn lifted(
        &mut self,
        id: FunctionId,
        variables: &[VariableId],
        places: Places,
        stop: &Arc<dyn DynOp>,
    ) -> Option<FunctionId> {
        let mut function = self.graph.function(id)?.clone();
        let nodes = std::mem::take(&mut function.nodes);
        let mut copy = Copy { function, replaced: BTreeMap::new(), current: BTreeMap::new() };
        let mut inputs = Vec::new();
        for &variable in variables {
            let definition = self.graph.variables.get(variable.index())?;
            let (name, kind) = (definition.path.clone(), definition.kind.clone());
            let value = copy.new_value(kind);
            copy.current.insert(variable, value);
            inputs.push((name, value));
        }
        splice(&mut copy.function.inputs, places.inputs, inputs)?;
        for mut node in nodes {
            node.operands.iter_mut().for_each(|operand| *operand = copy.known(*operand));
            self.lift_node(node, &mut copy, stop)?;
        }
        let outputs: Vec<ValueId> = copy.function.outputs.iter().map(|&output| copy.known(output)).collect();
        copy.function.outputs = outputs;
        if let Some(at) = places.outputs {
            let last =
                variables.iter().map(|id| copy.current.get(id).copied()).collect::<Option<Vec<_>>>()?;
            splice(&mut copy.function.outputs, at, last)?;
        }
        copy.function.name = self.unique_name(super::base_name(&copy.function.name));
        let mut assigned = self.assigned.get(id.index())?.clone();
        assigned.retain(|variable| !variables.contains(variable));
        self.graph.functions.push(copy.function);
        self.assigned.push(assigned);
        Some(FunctionId::new(self.graph.functions.len() - 1))
    }

    fn lift_node(&mut self, mut node: Node, copy: &mut Copy, stop: &Arc<dyn DynOp>) -> Option<()> {
        match node.operation.clone() {
            Operation::Read(id) => {
                if let (Some(&value), [result]) = (copy.current.get(&id), node.results.as_slice()) {
                    copy.replaced.insert(*result, value);
                    return Some(());
                }
            }
            Operation::Assign(id) => {
                if let (Some(&before), [value]) = (copy.current.get(&id), node.operands.as_slice()) {
                    let kind = copy.function.value_type(before)?.clone();
                    let result = copy.new_value(kind);
                    let (operands, results) = (vec![*value], vec![result]);
                    let location = node.location.clone();
                    let operation = Operation::Op(Arc::clone(stop));
                    copy.function.nodes.push(Node { operation, operands, results, location });
                    copy.current.insert(id, result);
                    return Some(());
                }
            }
            operation => {
                let callees: Vec<FunctionId> = operation.callees().collect();
                let mut used: Vec<VariableId> =
                    callees.iter().flat_map(|&callee| self.variables_used(callee)).collect();
                crate::sorted::sort_distinct(&mut used);
                used.retain(|id| copy.current.contains_key(id));
                if !used.is_empty() {
                    node.operation = self.lift_running(operation, &mut node, copy, &used, stop)?;
                }
            }
        }
        copy.function.nodes.push(node);
        Some(())
    }

    /// A call, branch or loop whose functions take the variables that they use, and give them again.
    fn lift_running(
        &mut self,
        operation: Operation,
        node: &mut Node,
        copy: &mut Copy,
        used: &[VariableId],
        stop: &Arc<dyn DynOp>,
    ) -> Option<Operation> {
        let more = u32::try_from(used.len()).ok()?;
        let at_end = |id: FunctionId, construction: &Self| {
            let function = construction.graph.function(id)?;
            Some(Places { inputs: function.inputs.len(), outputs: Some(function.outputs.len()) })
        };
        Some(match operation {
            Operation::Call(callee) => {
                let places = at_end(callee, self)?;
                let (operands, results) = (node.operands.len(), node.results.len());
                copy.carry(node, used, operands, results)?;
                Operation::Call(self.lifted(callee, used, places, stop)?)
            }
            Operation::Case(branches) => {
                let (operands, results) = (node.operands.len(), node.results.len());
                copy.carry(node, used, operands, results)?;
                let mut lifted = Vec::new();
                for branch in branches {
                    let places = at_end(branch, self)?;
                    lifted.push(self.lifted(branch, used, places, stop)?);
                }
                Operation::Case(lifted)
            }
            Operation::While { condition, body, state } => {
                if self.assigned.get(condition.index())?.iter().any(|id| used.contains(id)) {
                    return None;
                }
                let at = state as usize;
                copy.carry(node, used, at, at)?;
                let condition = self.lifted(condition, used, Places { inputs: at, outputs: None }, stop)?;
                let body = self.lifted(body, used, Places { inputs: at, outputs: Some(at) }, stop)?;
                Operation::While { condition, body, state: state.checked_add(more)? }
            }
            Operation::Scan { body, state, inputs, length, reverse } => {
                let at = state as usize;
                copy.carry(node, used, at, at)?;
                let body = self.lifted(body, used, Places { inputs: at, outputs: Some(at) }, stop)?;
                Operation::Scan { body, state: state.checked_add(more)?, inputs, length, reverse }
            }
            _ => return None,
        })
    }
}
