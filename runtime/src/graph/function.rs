//! Functions: flat lists of nodes in single static assignment.

use std::fmt;
use std::sync::Arc;

use super::op::DynOp;
use crate::error::Location;
use crate::tensor::TensorType;

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

/// Where the gradient of a function comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GradientRule {
    /// From the gradients of its nodes, for which it also gives what they need of it.
    #[default]
    Nodes,
    /// As [`GradientRule::Nodes`], but nothing is kept for it: it runs once more first.
    Recompute,
    /// From a function of the user that stands before it. It takes the inputs, the outputs and the gradients of the outputs,
    /// and gives the gradients of the inputs.
    Own(FunctionId),
}

/// A named list of nodes with inputs and outputs.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name, unique in the graph.
    pub name: String,
    /// What it was made from.
    pub origin: Origin,
    /// Where its gradient comes from.
    pub gradient: GradientRule,
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

    /// The functions it calls.
    pub fn callees(&self) -> impl Iterator<Item = FunctionId> {
        self.nodes.iter().filter_map(|node| match node.operation {
            Operation::Call(callee) => Some(callee),
            _ => None,
        })
    }

    /// The function of the user that gives its gradient.
    pub fn own_gradient(&self) -> Option<FunctionId> {
        match self.gradient {
            GradientRule::Own(function) => Some(function),
            GradientRule::Nodes | GradientRule::Recompute => None,
        }
    }
}
