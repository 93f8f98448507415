//! The steps that a loop makes for each block.

use super::extent::Layout;
use crate::element::Kernel;
use crate::reduce::RowReducer;

/// The number of a place in the table of pointers: registers first, then inputs, then outputs.
pub(super) type Slot = usize;

/// One pass over a block.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Computes a function; the operands marked are strips.
    Apply { kernel: Kernel, operands: [Slot; 3], strips: [bool; 3], result: Slot, layout: Layout },
    /// Repeats the one element of a register.
    Fill { size: usize, operand: Slot, result: Slot, layout: Layout },
    /// Repeats a line for each row.
    Repeat { size: usize, operand: Slot, result: Slot },
    /// Repeats the element of each row for each column.
    Spread { size: usize, operand: Slot, result: Slot },
    /// Brings the elements of an input together.
    Gather { input: usize, result: Slot, layout: Layout },
    /// Reduces each row of a block, or a line.
    Reduce { reducer: RowReducer, operand: Slot, result: Slot, layout: Layout },
    /// Writes a register to an output.
    Store { size: usize, operand: Slot, output: usize, layout: Layout },
}

impl Step {
    /// The slot written, if it is one that later steps read.
    pub(super) fn result(&mut self) -> Option<&mut Slot> {
        match self {
            Self::Apply { result, .. }
            | Self::Fill { result, .. }
            | Self::Repeat { result, .. }
            | Self::Spread { result, .. }
            | Self::Gather { result, .. }
            | Self::Reduce { result, .. } => Some(result),
            Self::Store { .. } => None,
        }
    }

    /// Whether the result may be where an operand is.
    pub(super) fn is_direct(&self) -> bool {
        matches!(self, Self::Apply { kernel, .. } if kernel.direct.is_some())
    }

    /// The slots read.
    pub(super) fn operands(&mut self) -> &mut [Slot] {
        match self {
            Self::Apply { kernel, operands, .. } => {
                let arity = kernel.operands().len();
                &mut operands[..arity]
            }
            Self::Fill { operand, .. }
            | Self::Repeat { operand, .. }
            | Self::Spread { operand, .. }
            | Self::Reduce { operand, .. }
            | Self::Store { operand, .. } => std::slice::from_mut(operand),
            Self::Gather { .. } => &mut [],
        }
    }
}
