//! Where the operands of steps lie, and the steps that bring them there.

use super::build::{Builder, Value};
use super::extent::Layout;
use super::step::{Slot, Step};
use crate::element::STRIP;

impl Builder {
    /// Where the result of a step goes: straight into an output, or into a register.
    pub(super) fn result(&mut self, value: &Value, layout: Layout, direct: Vec<(Layout, Slot)>) -> Slot {
        let output = direct.into_iter().find(|&(own, _)| value.phase == 2 && self.same(own, layout));
        output.map_or_else(|| self.register(value.size, layout, value.phase), |(_, slot)| slot)
    }

    pub(super) fn register(&mut self, size: usize, layout: Layout, phase: usize) -> Slot {
        let (rows, columns) = self.tile;
        let count = match layout {
            Layout::One => 1,
            Layout::Rows => rows,
            Layout::Line => columns,
            Layout::Block => rows * columns,
            Layout::Strip => STRIP,
        };
        self.capacities.push(count * size);
        self.kept.push(phase < 2);
        self.views.len() + self.outputs.len() + self.capacities.len() - 1
    }

    /// Whether two layouts are the same in all blocks.
    pub(super) fn same(&self, left: Layout, right: Layout) -> bool {
        let simple = |layout| match layout {
            Layout::Block if self.tile.0 == 1 => Layout::Line,
            Layout::Rows if self.tile.0 == 1 => Layout::One,
            other => other,
        };
        let simple = |layout| match simple(layout) {
            Layout::Block if self.tile.1 == 1 => Layout::Rows,
            Layout::Line if self.tile.1 == 1 => Layout::One,
            other => other,
        };
        simple(left) == simple(right)
    }

    /// Where a value lies in a layout, after steps that bring it there.
    pub(super) fn slot(&mut self, node: usize, layout: Layout) -> Slot {
        if let Some(slot) = self.values[node].slots[layout as usize] {
            return slot;
        }
        let Value { size, extent, phase, input, .. } = self.values[node];
        let own = extent.layout();
        let slot = match (own, layout) {
            _ if own == layout => input.map_or(0, |input| self.load(input, size, own, phase)),
            _ if self.same(own, layout) => self.slot(node, own),
            (Layout::Rows, _) => {
                let operand = self.slot(node, own);
                let result = self.register(size, layout, 2);
                self.steps[2].push(Step::Spread { size, operand, result });
                result
            }
            (Layout::Line, _) => {
                let operand = self.slot(node, own);
                let result = self.register(size, layout, 1);
                self.steps[1].push(Step::Repeat { size, operand, result });
                result
            }
            _ => {
                let operand = self.slot(node, own);
                let result = self.register(size, layout, phase);
                self.steps[phase].push(Step::Fill { size, operand, result, layout });
                result
            }
        };
        self.values[node].slots[layout as usize] = Some(slot);
        slot
    }

    /// Where an input lies in its own layout: in memory, if its elements lie there as in a register.
    pub(super) fn load(&mut self, input: usize, size: usize, layout: Layout, phase: usize) -> Slot {
        let view = &self.views[input];
        let whole = self.tile.1 == self.shape.columns;
        let rows = |stride: usize| self.tile.0 == 1 || view.strides[..] == [stride.cast_signed()];
        let direct = match layout {
            Layout::One | Layout::Strip => true,
            Layout::Rows => rows(1),
            Layout::Line => view.column_stride == 1,
            Layout::Block => {
                view.column_stride == 1 && (self.tile.0 == 1 || (whole && rows(self.shape.columns)))
            }
        };
        if direct {
            if layout == Layout::Block {
                self.streams.push((input, size));
            }
            return input;
        }
        let result = self.register(size, layout, phase);
        self.steps[phase].push(Step::Gather { input, result, layout });
        result
    }
}
