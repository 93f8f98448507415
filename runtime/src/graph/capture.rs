//! Tensors as operands of the innermost function: constants, its own values, and values of the functions around it.

use std::collections::HashMap;

use super::construction::Construction;
use super::function::{ConstantId, Node, Operation, ValueId};
use crate::error::Location;
use crate::tensor::{Repr, Symbolic, Tensor, TensorType};

/// What a function uses of the function around it, in the order of the inputs that bring it in.
#[derive(Default)]
pub(crate) struct Captures {
    outer: Vec<ValueId>,
    inner: HashMap<ValueId, ValueId>,
}

impl Captures {
    pub fn len(&self) -> usize {
        self.outer.len()
    }

    /// The values of the function around it, in order.
    pub fn into_outer(self) -> Vec<ValueId> {
        self.outer
    }

    fn get(&self, outer: ValueId) -> Option<ValueId> {
        self.inner.get(&outer).copied()
    }

    fn push(&mut self, outer: ValueId, inner: ValueId) {
        self.outer.push(outer);
        self.inner.insert(outer, inner);
    }
}

/// The constants among the values of a function, found by going over its nodes once while it grows.
#[derive(Default)]
pub(crate) struct KnownConstants {
    /// By value: the constant, and the place of its node.
    found: HashMap<ValueId, (ConstantId, Location)>,
    /// How many nodes have been gone over.
    seen: usize,
}

impl KnownConstants {
    /// The constant that a value is, if it is one. No node seen by an earlier call may have become or ceased to be a
    /// constant since.
    fn get(&mut self, value: ValueId, nodes: &[Node]) -> Option<(ConstantId, Location)> {
        for node in nodes.get(self.seen..).unwrap_or_default() {
            if let Operation::Constant(id) = node.operation {
                self.found.extend(node.results.iter().map(|&result| (result, (id, node.location.clone()))));
            }
        }
        self.seen = nodes.len();
        self.found.get(&value).cloned()
    }
}

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
        if let Some(inner) = self.stack[level].captures.get(outer) {
            return inner;
        }
        let around = &mut self.stack[level - 1];
        let kind = around.function.values[outer.index()].clone();
        if let Some((id, location)) = around.known_constants.get(outer, &around.function.nodes) {
            // A constant is the same in every function, and needs no input.
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
        building.captures.push(outer, inner);
        inner
    }

    /// The type of a traced tensor as it is known now; none if it belongs to another trace.
    pub fn current_type(&self, symbolic: &Symbolic) -> Option<TensorType> {
        let building = self.stack.iter().find(|building| building.id == symbolic.builder)?;
        building.function.values.get(symbolic.value as usize).cloned()
    }
}
