//! From nodes to steps.

use super::extent::{Extent, Layout};
use super::node::{Node, Output};
use super::pairs::paired;
use super::plan::{Plan, Target, Written};
use super::registers;
use super::shape::{Shape, View};
use super::step::{Slot, Step};
use crate::element::Kernel;
use crate::reduce::{PART, RowReducer};

/// About how many elements a block has.
const BLOCK: usize = 1024;

/// The columns of a block where an input lies column by column.
const TILE: usize = 64;

/// The bytes that stay in a cache from one run to the next.
const CACHE: usize = 1 << 20;

/// A node that is computed.
pub(super) struct Value {
    pub(super) size: usize,
    pub(super) extent: Extent,
    /// 0: once, 1: for each range of columns, 2: for each block.
    pub(super) phase: usize,
    /// Where it lies in each layout.
    pub(super) slots: [Option<Slot>; 5],
    pub(super) input: Option<usize>,
}

/// A plan under construction.
pub(super) struct Builder {
    pub(super) shape: Shape,
    pub(super) views: Vec<View>,
    pub(super) tile: (usize, usize),
    pub(super) outputs: Vec<Written>,
    pub(super) values: Vec<Value>,
    pub(super) steps: [Vec<Step>; 3],
    pub(super) capacities: Vec<usize>,
    pub(super) kept: Vec<bool>,
    pub(super) streams: Vec<(Slot, usize)>,
}

/// The plan of a loop; `None` where nodes do not fit each other or reduced rows are too long.
pub(super) fn build(outer: &[usize], columns: usize, nodes: &[Node], outputs: &[Output]) -> Option<Plan> {
    let sizes_known = nodes.iter().all(|node| matches!(size(node), 1 | 2 | 4 | 8));
    let read = needed(nodes, outputs).filter(|_| sizes_known)?;
    let reduces =
        nodes.iter().zip(&read).any(|(node, &needed)| needed && matches!(node, Node::Reduce { .. }));
    if reduces && columns > PART {
        return None;
    }
    let mut views = views(nodes);
    let rows_matter = reduces || outputs.iter().any(|output| matches!(output, Output::Rows(_)));
    let shape = Shape::collapse(outer, columns, &mut views, rows_matter)?;
    let bytes: Vec<usize> = views.iter().map(|view| shape.bytes(view)).collect::<Option<_>>()?;
    let nodes = &paired(nodes, &read, outputs, &shape, &views)[..];
    let needed = needed(nodes, outputs)?;
    let tile = tile(&shape, &views, reduces);
    let mut builder = Builder {
        shape,
        views,
        tile,
        outputs: Vec::new(),
        values: Vec::new(),
        steps: [const { Vec::new() }; 3],
        capacities: Vec::new(),
        kept: Vec::new(),
        streams: Vec::new(),
    };
    builder.write(nodes, outputs)?;
    let mut inputs = 0..;
    for (index, (node, needed)) in nodes.iter().zip(needed).enumerate() {
        let direct = builder.outputs_of(index, outputs);
        match node {
            Node::Input { size, .. } => builder.input(inputs.next()?, *size),
            Node::Apply { kernel, operands } => builder.apply(kernel, operands, direct, needed)?,
            Node::Reduce { reducer, operand } => builder.reduce(reducer, *operand, direct, needed)?,
        }
    }
    builder.store(outputs)?;
    Some(builder.finish(bytes))
}

/// The size of an element of a node.
fn size(node: &Node) -> usize {
    match node {
        Node::Input { size, .. } => *size,
        Node::Apply { kernel, .. } => kernel.result(),
        Node::Reduce { reducer, .. } => reducer.size(),
    }
}

/// Which nodes are read or written; `None` where a node reads a later one.
fn needed(nodes: &[Node], outputs: &[Output]) -> Option<Vec<bool>> {
    let mut needed = vec![false; nodes.len()];
    for output in outputs {
        *needed.get_mut(output.node())? = true;
    }
    for (index, node) in nodes.iter().enumerate().rev() {
        let operands = match node {
            Node::Input { .. } => &[],
            Node::Apply { operands, .. } => &operands[..],
            Node::Reduce { operand, .. } => std::slice::from_ref(operand),
        };
        if operands.iter().any(|&operand| operand >= index) {
            return None;
        }
        if needed[index] {
            for &operand in operands {
                needed[operand] = true;
            }
        }
    }
    Some(needed)
}

fn views(nodes: &[Node]) -> Vec<View> {
    let view = |node: &Node| match node {
        Node::Input { size, offset, strides, column_stride } => Some(View {
            size: *size,
            offset: *offset,
            strides: strides.clone(),
            column_stride: *column_stride,
        }),
        _ => None,
    };
    nodes.iter().filter_map(view).collect()
}

/// The most rows and columns of a block: whole rows, or pieces of one, or tiles where an input lies column by column.
fn tile(shape: &Shape, views: &[View], reduces: bool) -> (usize, usize) {
    let columns = shape.columns.max(1);
    let crossed = shape.rows > 1
        && views.iter().any(|view| shape.extent(view).layout() == Layout::Block && view.column_stride != 1);
    let (rows, columns) = if reduces && crossed {
        ((BLOCK / columns).clamp(16, (PART / columns).max(16)), columns)
    } else if crossed && columns > TILE {
        (BLOCK / TILE, TILE)
    } else if reduces || columns <= BLOCK {
        (BLOCK / columns, columns)
    } else {
        (1, BLOCK)
    };
    (rows.min(shape.rows).max(1), columns.min(shape.columns))
}

impl Builder {
    /// Lists the outputs.
    fn write(&mut self, nodes: &[Node], outputs: &[Output]) -> Option<()> {
        let mut given = 0..;
        for output in outputs {
            let size = size(nodes.get(output.node())?);
            let (layout, target) = match *output {
                Output::Full(_) => (Layout::Block, Target::New(given.next()?)),
                Output::Rows(_) => (Layout::Rows, Target::New(given.next()?)),
                Output::InPlace { input, .. } => {
                    let taken = |own: &Written| matches!(own.target, Target::Input(other) if other == input);
                    if self.views.get(input)?.size != size
                        || !self.shape.is_contiguous(&self.views[input])
                        || self.outputs.iter().any(taken)
                    {
                        return None;
                    }
                    (Layout::Block, Target::Input(input))
                }
            };
            self.outputs.push(Written { size, layout, target });
        }
        Some(())
    }

    /// The outputs that a node may be written to as it is computed, as layouts and slots.
    fn outputs_of(&self, node: usize, outputs: &[Output]) -> Vec<(Layout, Slot)> {
        let cut = self.tile.0 > 1 && self.tile.1 < self.shape.columns;
        let own = outputs.iter().enumerate().filter(|(_, output)| output.node() == node);
        own.filter_map(|(index, _)| {
            let written = self.outputs[index];
            let fits = matches!(written.target, Target::New(_)) && !(cut && written.layout == Layout::Block);
            fits.then_some((written.layout, self.views.len() + index))
        })
        .collect()
    }

    fn input(&mut self, number: usize, size: usize) {
        let extent = self.shape.extent(&self.views[number]);
        let phase = if extent.row { 2 } else { usize::from(extent.column) };
        self.values.push(Value { size, extent, phase, slots: [None; 5], input: Some(number) });
    }

    fn apply(
        &mut self,
        kernel: &Kernel,
        operands: &[usize],
        direct: Vec<(Layout, Slot)>,
        needed: bool,
    ) -> Option<()> {
        let fits = operands.len() == kernel.operands().len()
            && operands.iter().zip(kernel.operands()).all(|(&own, &size)| self.values[own].size == size);
        if !fits {
            return None;
        }
        let extent =
            operands.iter().fold(Extent::default(), |extent, &own| extent.or(self.values[own].extent));
        let phase = operands.iter().map(|&own| self.values[own].phase).max().unwrap_or(0);
        let mut value = Value { size: kernel.result(), extent, phase, slots: [None; 5], input: None };
        if needed {
            let layout = extent.layout();
            let (mut slots, mut strips) = ([0; 3], [false; 3]);
            for ((slot, strip), &operand) in slots.iter_mut().zip(&mut strips).zip(operands) {
                *strip = self.values[operand].extent == Extent::default() && !self.same(layout, Layout::One);
                *slot = self.slot(operand, if *strip { Layout::Strip } else { layout });
            }
            let result = self.result(&value, layout, direct);
            value.slots[layout as usize] = Some(result);
            self.steps[phase].push(Step::Apply {
                kernel: kernel.clone(),
                operands: slots,
                strips,
                result,
                layout,
            });
        }
        self.values.push(value);
        Some(())
    }

    fn reduce(
        &mut self,
        reducer: &RowReducer,
        operand: usize,
        direct: Vec<(Layout, Slot)>,
        needed: bool,
    ) -> Option<()> {
        let own = &self.values[operand];
        if own.size != reducer.size() {
            return None;
        }
        let extent = Extent { row: own.extent.row, column: false };
        let (from, layout) =
            if extent.row { (Layout::Block, Layout::Rows) } else { (Layout::Line, Layout::One) };
        let mut value = Value { size: own.size, extent, phase: own.phase, slots: [None; 5], input: None };
        if needed {
            let slot = self.slot(operand, from);
            let result = self.result(&value, layout, direct);
            value.slots[layout as usize] = Some(result);
            let step = Step::Reduce { reducer: reducer.clone(), operand: slot, result, layout };
            self.steps[value.phase].push(step);
        }
        self.values.push(value);
        Some(())
    }

    /// Stores what has not been computed into its output. What is in place comes last, when all inputs have been read.
    fn store(&mut self, outputs: &[Output]) -> Option<()> {
        let mut last = Vec::new();
        for (index, output) in outputs.iter().enumerate() {
            let Written { size, layout, target } = self.outputs[index];
            let node = output.node();
            if layout == Layout::Rows && self.values[node].extent.column {
                return None;
            }
            let mut operand = self.slot(node, layout);
            if operand == self.views.len() + index {
                continue;
            }
            let step = |operand| Step::Store { size, operand, output: index, layout };
            match target {
                Target::New(_) => self.steps[2].push(step(operand)),
                Target::Input(_) => {
                    if operand < self.views.len() {
                        // Another input may be written first.
                        let result = self.register(size, layout, 2);
                        self.steps[2].push(Step::Gather { input: operand, result, layout });
                        operand = result;
                    }
                    last.push(step(operand));
                }
            }
        }
        self.steps[2].append(&mut last);
        Some(())
    }

    fn finish(mut self, bytes: Vec<usize>) -> Plan {
        self.write_over_inputs();
        let first = self.views.len() + self.outputs.len();
        let (registers, scratch) = registers::place(first, &self.capacities, &self.kept, &mut self.steps[2]);
        let elements = self.shape.rows.saturating_mul(self.shape.columns);
        let moved: usize = self.outputs.iter().map(|output| output.size).sum();
        let read: usize = self.views.iter().map(|view| view.size).sum();
        if elements.saturating_mul(moved + read) < CACHE {
            self.streams.clear();
        }
        let cost = elements.saturating_mul(moved + read + 4 * self.steps[2].len());
        let Self { shape, views, outputs, tile, steps, streams, .. } = self;
        Plan { shape, views, outputs, tile, steps, registers, scratch, bytes, streams, cost }
    }
}
