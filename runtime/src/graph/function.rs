//! Functions: flat lists of nodes in single static assignment.

use std::fmt;
use std::sync::Arc;

use super::op::DynOp;
use crate::error::Location;
use crate::tensor::{Dim, TensorType};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The id of the item at this index; an index beyond `u32::MAX` becomes an id that no table has.
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            /// The index in its table.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A value of a function: an index into [`Function::values`].
    ValueId,
    /// A function of a graph: an index into [`Graph::functions`](super::Graph::functions).
    FunctionId,
    /// A variable of a graph: an index into [`Graph::variables`](super::Graph::variables).
    VariableId,
    /// A constant of a graph: an index into [`Graph::constants`](super::Graph::constants).
    ConstantId,
}

/// What a node does.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Applies a primitive.
    Op(Arc<dyn DynOp>),
    /// Gives a constant of the graph.
    Constant(ConstantId),
    /// Reads a variable of the graph, as it is at this point.
    Read(VariableId),
    /// Assigns its operand to a variable of the graph; later reads see it.
    Assign(VariableId),
    /// Calls a function that stands earlier in the graph.
    Call(FunctionId),
    /// Runs the branch that operand 0, an i32 number, chooses; out of range the last (StableHLO `case`).
    ///
    /// The other operands go to every branch. All branches have the same input and output types.
    Case(Vec<FunctionId>),
    /// Repeats `body` while `condition` holds (StableHLO `while`).
    ///
    /// Operands: `state` values, then values that stay the same in every iteration. Both functions take all of them;
    /// `condition` gives one bool number, `body` the new state. Results: the last state.
    While {
        /// Says whether there is one more iteration.
        condition: FunctionId,
        /// Gives the new state.
        body: FunctionId,
        /// How many of the operands are the state.
        state: u32,
    },
    /// Runs `body` for each index of dimension 0 of `inputs` operands.
    ///
    /// Operands: `state` values, then `inputs` tensors whose dimension 0 is `length`, then values that stay the same.
    /// `body` takes the state, one item of each input (without dimension 0) and the rest; it gives the new state, then
    /// the outputs of the item. Results: the last state, then the outputs stacked along a new dimension 0 of size
    /// `length`. With a length of 0, the state as it came and empty stacks.
    Scan {
        /// Takes one item.
        body: FunctionId,
        /// How many of the operands are the state.
        state: u32,
        /// How many of the operands are taken apart.
        inputs: u32,
        /// The number of items.
        length: Dim,
        /// Whether it goes from the last index to the first; outputs stand at the index they were computed for.
        reverse: bool,
    },
    /// The gradient of a [`While`](Self::While): runs the loop again and keeps the state before each iteration, then
    /// goes back from the last iteration to the first and applies `step`.
    ///
    /// Operands: `state` values, values that stay the same, then `gradients` values. `condition` and `body` take the
    /// state and the rest; `step` takes the state before the iteration, the rest and the gradients, and gives the new
    /// gradients. Results: the last gradients.
    Unwind {
        /// Says whether there was one more iteration.
        condition: FunctionId,
        /// Gives the new state.
        body: FunctionId,
        /// Gives the new gradients.
        step: FunctionId,
        /// How many of the operands are the state.
        state: u32,
        /// How many of the operands are gradients.
        gradients: u32,
    },
}

impl Operation {
    /// The name printed for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Op(op) => op.name(),
            Self::Constant(_) => "constant",
            Self::Read(_) => "read",
            Self::Assign(_) => "assign",
            Self::Call(_) => "call",
            Self::Case(_) => "case",
            Self::While { .. } => "while",
            Self::Scan { .. } => "scan",
            Self::Unwind { .. } => "unwind",
        }
    }

    /// The functions it runs, in the order of its definition.
    pub fn callees(&self) -> impl Iterator<Item = FunctionId> {
        let (list, fixed): (&[FunctionId], [Option<FunctionId>; 3]) = match self {
            Self::Op(_) | Self::Constant(_) | Self::Read(_) | Self::Assign(_) => (&[], [None; 3]),
            Self::Call(callee) => (&[], [Some(*callee), None, None]),
            Self::Case(branches) => (branches, [None; 3]),
            Self::While { condition, body, .. } => (&[], [Some(*condition), Some(*body), None]),
            Self::Scan { body, .. } => (&[], [Some(*body), None, None]),
            Self::Unwind { condition, body, step, .. } => (&[], [Some(*condition), Some(*body), Some(*step)]),
        };
        list.iter().copied().chain(fixed.into_iter().flatten())
    }

    /// Puts other functions in the place of those it runs.
    pub fn map_callees(&mut self, map: impl Fn(FunctionId) -> FunctionId) {
        let change = |callee: &mut FunctionId| *callee = map(*callee);
        match self {
            Self::Op(_) | Self::Constant(_) | Self::Read(_) | Self::Assign(_) => {}
            Self::Call(callee) | Self::Scan { body: callee, .. } => change(callee),
            Self::Case(branches) => branches.iter_mut().for_each(change),
            Self::While { condition, body, .. } => {
                change(condition);
                change(body);
            }
            Self::Unwind { condition, body, step, .. } => {
                change(condition);
                change(body);
                change(step);
            }
        }
    }
}

/// One step of a function.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it does.
    pub operation: Operation,
    /// The operands, defined by the function's inputs or by earlier nodes.
    pub operands: Vec<ValueId>,
    /// The results, each defined here and nowhere else.
    pub results: Vec<ValueId>,
    /// Where user code asked for it.
    pub location: Location,
}

/// What a function was made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A method of a layer.
    Layer {
        /// The name of the layer's type.
        type_name: String,
        /// The artifact path of the layer; empty for the root.
        path: String,
        /// The method.
        method: String,
    },
    /// A composition that other engines have as one op, or a loss, or a metric.
    Composition(String),
    /// A function the framework made: a gradient, a training step.
    Derived(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer { type_name, path, method } if path.is_empty() => {
                write!(f, "{method} of {type_name}")
            }
            Self::Layer { type_name, path, method } => write!(f, "{method} of {type_name} at {path}"),
            Self::Composition(name) => write!(f, "composition {name}"),
            Self::Derived(name) => write!(f, "{name}"),
        }
    }
}

/// A named list of nodes with inputs and outputs.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name, unique in the graph.
    pub name: String,
    /// What it was made from.
    pub origin: Origin,
    /// The inputs, with names.
    pub inputs: Vec<(String, ValueId)>,
    /// The outputs.
    pub outputs: Vec<ValueId>,
    /// The type of each value.
    pub values: Vec<TensorType>,
    /// The steps, in order of execution.
    pub nodes: Vec<Node>,
}

impl Function {
    /// The type of a value.
    pub fn value_type(&self, value: ValueId) -> Option<&TensorType> {
        self.values.get(value.index())
    }

    /// The types of the inputs.
    pub fn input_types(&self) -> impl Iterator<Item = &TensorType> {
        self.inputs.iter().filter_map(|(_, value)| self.value_type(*value))
    }

    /// The types of the outputs.
    pub fn output_types(&self) -> impl Iterator<Item = &TensorType> {
        self.outputs.iter().filter_map(|value| self.value_type(*value))
    }

    /// The functions it calls and those that its loops and branches run.
    pub fn callees(&self) -> impl Iterator<Item = FunctionId> {
        self.nodes.iter().flat_map(|node| node.operation.callees())
    }
}
