//! A function for concrete sizes: one flat list of nodes, in which calls stand as what they call does.

use std::sync::Arc;

use crate::error::{Error, Location};
use crate::graph::{DynOp, Operation, VariableId};
use crate::tensor::{DType, Data, element_count};

/// A value: an index into [`Lowered::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id(pub u32);

impl Id {
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The dtype and the sizes of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub dtype: DType,
    pub sizes: Vec<usize>,
}

impl Kind {
    /// The number of elements.
    pub fn len(&self) -> usize {
        element_count(&self.sizes).unwrap_or(0)
    }

    /// The number of bytes.
    pub fn bytes(&self) -> usize {
        self.len().saturating_mul(self.dtype.size())
    }
}

/// What a node does.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// Applies a primitive whose attributes hold numbers only.
    Op(Arc<dyn DynOp>),
    /// Gives a tensor.
    Constant(Data),
    /// Reads what a variable holds at this point of the call.
    Read(VariableId),
    /// Says what a variable holds from this point of the call on.
    Assign(VariableId),
    /// Runs other functions: a loop, a branch, or a call that is not inlined.
    Control(Operation),
    /// Fails: what stands here cannot be computed for these sizes.
    Fail(Box<Error>),
}

impl Work {
    /// Whether it must keep its place among others of which the same is true: it can fail, or depends on the state of variables.
    pub fn is_ordered(&self) -> bool {
        match self {
            Self::Op(op) => can_fail(op.as_ref()),
            Self::Constant(_) => false,
            Self::Read(_) | Self::Assign(_) | Self::Control(_) | Self::Fail(_) => true,
        }
    }
}

/// Whether an op can fail for some contents of its operands: those that check say so by being kept where nothing uses them, and
/// a user's op may.
fn can_fail(op: &dyn DynOp) -> bool {
    op.name().starts_with("check_") || op.name().contains("::")
}

/// One step of a function.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub work: Work,
    pub operands: Vec<Id>,
    pub results: Vec<Id>,
    /// The place in user code, as an error of the node says it; none if it is known only to who called the function.
    pub location: Option<Location>,
    /// The function that the node stood in.
    pub scope: Arc<str>,
    /// Whether it computes again what another node computes, to run with those that read it.
    pub again: bool,
}

/// A function for concrete sizes.
#[derive(Clone, Debug, Default)]
pub(super) struct Lowered {
    pub values: Vec<Kind>,
    pub nodes: Vec<Node>,
    pub inputs: Vec<Id>,
    pub outputs: Vec<Id>,
}

impl Lowered {
    /// A new value.
    pub fn value(&mut self, kind: Kind) -> Id {
        self.values.push(kind);
        Id::new(self.values.len() - 1)
    }

    /// The dtype and sizes of a value.
    pub fn kind(&self, id: Id) -> &Kind {
        &self.values[id.index()]
    }

    /// For each value the node that gives it; none for inputs.
    pub fn producers(&self) -> Vec<Option<usize>> {
        let mut producers = vec![None; self.values.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for result in &node.results {
                producers[result.index()] = Some(index);
            }
        }
        producers
    }

    /// Puts other values in the place of those that operands and outputs name.
    pub fn rename(&mut self, name: impl Fn(Id) -> Id) {
        for node in &mut self.nodes {
            for operand in &mut node.operands {
                *operand = name(*operand);
            }
        }
        for output in &mut self.outputs {
            *output = name(*output);
        }
    }
}
