//! Where a function uses each of its values for the last time, so that an executor need not keep them longer.

use crate::graph::{Function, ValueId};

/// When a value is no longer needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LastUse {
    /// It is needed by nothing.
    Never,
    /// When the node at this index has its operands.
    Node(usize),
    /// It is an output.
    End,
}

/// Where a function uses each of its values for the last time.
#[derive(Clone, Debug)]
pub(super) struct LastUses(Vec<LastUse>);

impl LastUses {
    pub fn of(function: &Function) -> Self {
        let mut uses = vec![LastUse::Never; function.values.len()];
        let mut set = |value: &ValueId, last: LastUse| {
            if let Some(place) = uses.get_mut(value.index()) {
                *place = last;
            }
        };
        for (index, node) in function.nodes.iter().enumerate() {
            node.operands.iter().for_each(|value| set(value, LastUse::Node(index)));
        }
        function.outputs.iter().for_each(|value| set(value, LastUse::End));
        Self(uses)
    }

    /// Whether anything uses a value.
    pub fn is_used(&self, value: ValueId) -> bool {
        self.0.get(value.index()).is_some_and(|last| *last != LastUse::Never)
    }

    /// Whether the node at an index is the last to use a value.
    pub fn is_last(&self, value: ValueId, node: usize) -> bool {
        self.0.get(value.index()) == Some(&LastUse::Node(node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Location;
    use crate::graph::Construction;
    use crate::graph::{Node, Operation, Origin, VariableId};
    use crate::tensor::{DType, Shape, TensorType};

    /// A chain in which each node uses the result of the one before, twice, and the input.
    fn chain(length: usize) -> Function {
        let kind = TensorType::new(DType::F32, Shape::from(()));
        let mut construction = Construction::new("test");
        construction.begin("chain", Origin::Derived("test".into()), vec![("x".into(), kind.clone())]);
        let mut function = construction.stack.remove(0).function;
        for index in 0..length {
            function.values.push(kind.clone());
            function.nodes.push(Node {
                operation: Operation::Assign(VariableId(0)),
                operands: [index, index, 0].map(ValueId::new).into(),
                results: vec![ValueId::new(index + 1)],
                location: Location::new("", 0, 0),
            });
        }
        function.outputs = vec![ValueId::new(length)];
        function
    }

    #[test]
    fn a_chain_keeps_its_input_and_one_value_however_long_it_is() {
        let function = chain(1000);
        let uses = LastUses::of(&function);
        let mut kept = vec![ValueId(0)];
        for (index, node) in function.nodes.iter().enumerate() {
            assert!(node.operands.iter().all(|operand| kept.contains(operand)), "node {index}");
            kept.retain(|&value| !(node.operands.contains(&value) && uses.is_last(value, index)));
            kept.extend(node.results.iter().filter(|&&value| uses.is_used(value)));
            assert!(kept.len() <= 2, "node {index} leaves {kept:?}");
        }
        assert_eq!(kept, function.outputs);
    }

    #[test]
    fn outputs_are_kept_to_the_end_and_what_nothing_uses_is_not_kept() {
        let mut function = chain(3);
        function.outputs = vec![ValueId(1)];
        let uses = LastUses::of(&function);
        assert!(uses.is_used(ValueId(1)) && !uses.is_last(ValueId(1), 1));
        assert!(!uses.is_used(ValueId(3)));
        assert!(uses.is_last(ValueId(0), 2) && uses.is_last(ValueId(2), 2));
    }
}
