//! Element-wise nodes and reductions of rows that share a loop.

use std::collections::HashMap;

use holotype_kernels::fused::{Loop, Node, Output};
use holotype_kernels::reduce::RowReducer;

use super::folds::for_fold;
use super::{Fused, element};
use crate::exec::compiled::build::Builder;
use crate::exec::compiled::groups::{Space, squeezed};
use crate::exec::compiled::lowered::{Id, Work};
use crate::exec::compiled::plan::{Fits, Job, MOST_PARTS, Part, message, with_sources};
use crate::ops::{Reduce, Reducer};
use crate::tensor::DType;

/// The reduction of rows of a dtype, if there is a fast one.
pub(super) fn reducer(reducer: Reducer, dtype: DType) -> Option<RowReducer> {
    for_fold!(reducer, dtype, F => RowReducer::new::<F>())
}

/// A loop, and what it was made from.
#[derive(Clone, Debug)]
pub(in crate::exec::compiled) struct Rows {
    pub(super) kernel: Loop,
    outer: Vec<usize>,
    columns: usize,
    nodes: Vec<Node>,
    pub(super) outputs: Vec<Output>,
    /// What it computes, for people.
    names: String,
}

impl Rows {
    fn new(
        outer: Vec<usize>,
        columns: usize,
        nodes: Vec<Node>,
        outputs: Vec<Output>,
        names: String,
    ) -> Option<Self> {
        let kernel = Loop::new(&outer, columns, &nodes, &outputs)?;
        Some(Self { kernel, outer, columns, nodes, outputs, names })
    }

    /// The same with other outputs.
    pub(super) fn with_outputs(&self, outputs: Vec<Output>) -> Option<Self> {
        Self::new(self.outer.clone(), self.columns, self.nodes.clone(), outputs, self.names.clone())
    }

    /// The same with results that take the place of what is read: the numbers of outputs and of inputs.
    pub(super) fn over(&self, results: &[(usize, usize)]) -> Option<Self> {
        let mut outputs = self.outputs.clone();
        for (written, input) in results {
            let output = outputs.get_mut(*written)?;
            let Output::Full(node) = *output else { return None };
            *output = Output::InPlace { node, input: *input };
        }
        self.with_outputs(outputs)
    }

    /// Whether it reduces rows, or writes something once for each of them.
    pub(super) fn needs_rows(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node, Node::Reduce { .. }))
            || self.outputs.iter().any(|output| matches!(output, Output::Rows(_)))
    }

    /// The number of rows and columns.
    pub fn elements(&self) -> usize {
        self.outer.iter().product::<usize>() * self.columns
    }
}

impl Job for Rows {
    fn describe(&self) -> String {
        format!("loop {:?} x {}: {}", self.outer, self.columns, self.names)
    }

    fn operations(&self) -> u64 {
        let applied = self.nodes.iter().filter(|node| !matches!(node, Node::Input { .. })).count();
        let rows: usize = self.outer.iter().product();
        (applied * rows * self.columns) as u64
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        with_sources(reads, |sources| self.kernel.run(sources, writes)).map_err(message)
    }

    fn in_place(&self, results: &[(usize, usize)]) -> Option<Box<dyn Job>> {
        Some(Box::new(self.over(results)?))
    }

    fn rows(&self) -> Option<&Rows> {
        Some(self)
    }
}

/// What a loop is made of.
struct Parts<'b> {
    builder: &'b mut Builder,
    space: &'b Space,
    outer: Vec<usize>,
    columns: usize,
    nodes: Vec<Node>,
    reads: Vec<Id>,
    /// Whether there is much to compute for each element.
    much: bool,
    /// The node of each value of the group.
    own: HashMap<Id, usize>,
    /// The node of each value from outside, by where it lies.
    inputs: HashMap<(Id, usize, Vec<isize>, isize), usize>,
}

/// The job of nodes that share a loop, with what it reads and writes.
pub(super) fn fused(builder: &mut Builder, members: &[usize], space: &Space) -> Option<Fused> {
    let split = space.split.unwrap_or(space.sizes.len().saturating_sub(1));
    let (outer, inner) = space.sizes.split_at(split);
    let mut parts = Parts {
        builder,
        space,
        outer: outer.to_vec(),
        columns: inner.iter().product(),
        nodes: Vec::new(),
        reads: Vec::new(),
        much: members.len() >= 4,
        own: HashMap::new(),
        inputs: HashMap::new(),
    };
    for &member in members {
        parts.member(member)?;
    }
    let mut outputs = Vec::new();
    let mut writes = Vec::new();
    for &member in members {
        let result = *parts.builder.lowered.nodes[member].results.first()?;
        if parts.builder.is_used_outside(result, members) {
            let node = *parts.own.get(&result)?;
            outputs.push(if parts.is_row(result) { Output::Rows(node) } else { Output::Full(node) });
            writes.push(result);
        }
    }
    let reads = parts.reads;
    let names = members.iter().map(|&member| match &parts.builder.lowered.nodes[member].work {
        Work::Op(op) => op.name(),
        _ => "",
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let rows = Rows::new(parts.outer, parts.columns, parts.nodes, outputs, names)?;
    let fits = reads.len() <= MOST_PARTS && writes.len() <= MOST_PARTS;
    fits.then(|| (Box::new(rows) as Box<dyn Job>, reads, writes))
}

impl Parts<'_> {
    fn is_row(&self, id: Id) -> bool {
        let sizes = &self.builder.lowered.kind(id).sizes;
        self.space.split.is_some_and(|split| squeezed(sizes).eq(self.space.sizes[..split].iter().copied()))
    }

    fn member(&mut self, index: usize) -> Option<()> {
        let node = self.builder.lowered.nodes[index].clone();
        let (Work::Op(op), [result]) = (&node.work, node.results.as_slice()) else { return None };
        let operands: Vec<usize> =
            node.operands.iter().map(|operand| self.operand(*operand)).collect::<Option<_>>()?;
        let dtypes: Vec<DType> =
            node.operands.iter().map(|operand| self.builder.lowered.kind(*operand).dtype).collect();
        let made = if let Some(reduce) = op.as_any().downcast_ref::<Reduce>() {
            Node::Reduce { reducer: reducer(reduce.reducer, *dtypes.first()?)?, operand: *operands.first()? }
        } else {
            let kernel = element::kernel(op, &dtypes, self.builder.lowered.kind(*result).dtype);
            Node::Apply { kernel, operands }
        };
        self.own.insert(*result, self.nodes.len());
        self.nodes.push(made);
        Some(())
    }

    /// The node of an operand.
    fn operand(&mut self, operand: Id) -> Option<usize> {
        let view = &self.builder.views[operand.index()];
        if let Some(&own) = self.own.get(&view.root) {
            return Some(own);
        }
        let kind = self.builder.lowered.kind(operand).clone();
        let size = kind.dtype.size();
        let is_row = self.is_row(operand);
        let strides: Vec<isize> = kind
            .sizes
            .iter()
            .zip(&view.strides)
            .filter(|(size, _)| **size != 1)
            .map(|(_, stride)| *stride)
            .collect();
        let split = self.outer.len();
        let (mut root, mut offset) = (view.root, view.offset);
        let (outer, column) = if is_row {
            (strides, 0)
        } else {
            let (outer, inner) = strides.split_at_checked(split)?;
            let sizes = &self.space.sizes[split..];
            let in_line = inner
                .windows(2)
                .zip(sizes.iter().skip(1))
                .all(|(pair, &size)| pair[0] == pair[1] * size.cast_signed());
            // Reading column by column slows every other input down: with much to compute, one copy is cheaper.
            let crosses = inner.last().is_some_and(|stride| !(0..=1).contains(stride)) && !outer.is_empty();
            if in_line && !(crosses && self.much) {
                (outer.to_vec(), inner.last().copied().unwrap_or(0))
            } else {
                (root, offset) = (self.builder.in_order(operand), 0);
                let strides = crate::exec::compiled::views::row_major(&self.space.sizes);
                (strides[..split].to_vec(), 1)
            }
        };
        let key = (root, offset, outer, column);
        if let Some(&known) = self.inputs.get(&key) {
            return Some(known);
        }
        let strides = key.2.clone();
        self.inputs.insert(key, self.nodes.len());
        self.nodes.push(Node::Input { size, offset, strides, column_stride: column });
        self.reads.push(root);
        Some(self.nodes.len() - 1)
    }
}
