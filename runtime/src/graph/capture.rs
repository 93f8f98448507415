//! Tensors as operands of the innermost function: constants, its own values, and values of the functions around it.

use super::construction::Construction;
use super::function::{Node, Operation, ValueId};
use crate::error::Location;
use crate::tensor::{Repr, Symbolic, Tensor, TensorType};

impl Construction {
    /// The tensor as a value of the innermost function.
    ///
    /// A concrete tensor becomes a constant. A value of a function further out becomes an extra input of each function
    /// between. None if the tensor belongs to another trace or carries an error.
    pub fn value_of(&mut self, tensor: &Tensor, location: &Location) -> Option<ValueId> {
        match tensor.repr() {
            Repr::Failed(_) => None,
            Repr::Concrete(data) => {
                let constant = self.constant(data);
                let kind = tensor.initial_type()?;
                let building = self.stack.last_mut()?;
                if let Some(&value) = building.constants.get(&constant) {
                    return Some(value);
                }
                let results =
                    building.push(Operation::Constant(constant), Vec::new(), vec![kind], location.clone());
                building.constants.insert(constant, results[0]);
                Some(results[0])
            }
            Repr::Symbolic(Symbolic { builder, value, .. }) => {
                let level = self.stack.iter().position(|building| building.id == *builder)?;
                let mut value = ValueId(*value);
                for inner in level + 1..self.stack.len() {
                    value = self.capture(inner, value);
                }
                Some(value)
            }
        }
    }

    /// The value `outer` of the function around `level` as a value of the function at `level`.
    fn capture(&mut self, level: usize, outer: ValueId) -> ValueId {
        if let Some((_, inner)) = self.stack[level].captures.iter().find(|(captured, _)| *captured == outer) {
            return *inner;
        }
        let around = &self.stack[level - 1].function;
        let kind = around.values[outer.index()].clone();
        let defined_by = around.nodes.iter().find(|node| node.results.contains(&outer));
        if let Some(Node { operation: Operation::Constant(id), location, .. }) = defined_by {
            // A constant is the same in every function, and needs no input.
            let (id, location) = (*id, location.clone());
            let building = &mut self.stack[level];
            if let Some(&value) = building.constants.get(&id) {
                return value;
            }
            let value = building.push(Operation::Constant(id), Vec::new(), vec![kind], location)[0];
            building.constants.insert(id, value);
            return value;
        }
        let building = &mut self.stack[level];
        let inner = building.new_value(kind);
        let name = format!("captured_{}", building.captures.len());
        building.function.inputs.push((name, inner));
        building.captures.push((outer, inner));
        inner
    }

    /// The type of a traced tensor as it is known now; none if it belongs to another trace.
    pub fn current_type(&self, symbolic: &Symbolic) -> Option<TensorType> {
        let building = self.stack.iter().find(|building| building.id == symbolic.builder)?;
        building.function.values.get(symbolic.value as usize).cloned()
    }
}
