//! Element-wise nodes of a value that is read in another order, moved before that order: so they share a loop with what makes the value.

use std::sync::Arc;

use super::lowered::{Id, Kind, Lowered, Node, Work};
use super::simplify::remove_unused;
use crate::ops::{BroadcastInDim, DotGeneral, Reduce, Reshape, Transpose};
use crate::tensor::Shape;

/// Moves element-wise nodes of one value in another order, and of single elements, to where the value is made, if nothing else reads it
/// and no other element-wise node reads what they give.
pub(super) fn advance(lowered: &mut Lowered) {
    let mut moving =
        Moving { producers: lowered.producers(), readers: vec![Vec::new(); lowered.values.len()], lowered };
    for (index, node) in moving.lowered.nodes.iter().enumerate() {
        for operand in &node.operands {
            moving.readers[operand.index()].push(index);
        }
    }
    let mut nodes = Vec::with_capacity(moving.lowered.nodes.len());
    let mut moved = false;
    for index in 0..moving.lowered.nodes.len() {
        match moving.early(index) {
            Some(early) => {
                nodes.extend(early);
                moved = true;
            }
            None => nodes.push(moving.lowered.nodes[index].clone()),
        }
    }
    if moved {
        lowered.nodes = nodes;
        remove_unused(lowered);
    }
}

struct Moving<'a> {
    producers: Vec<Option<usize>>,
    readers: Vec<Vec<usize>>,
    lowered: &'a mut Lowered,
}

impl Moving<'_> {
    /// The nodes that take the place of one, if it is to be moved.
    fn early(&mut self, index: usize) -> Option<Vec<Node>> {
        let node = self.lowered.nodes[index].clone();
        let (Work::Op(op), [result]) = (&node.work, &node.results[..]) else { return None };
        if !op.element_wise() || node.work.is_ordered() || self.lowered.outputs.contains(result) {
            return None;
        }
        let joins = |reader: &usize| match &self.lowered.nodes[*reader].work {
            Work::Op(op) => op.element_wise() || op.as_any().is::<Reduce>(),
            _ => true,
        };
        if self.readers[result.index()].iter().any(joins) {
            return None;
        }
        let mut views = Vec::new();
        let (place, first) = node
            .operands
            .iter()
            .enumerate()
            .find_map(|(place, operand)| Some((place, self.views(*operand, &mut views)?)))?;
        let others = node.operands.iter().enumerate().filter(|(other, _)| *other != place);
        let single: Vec<Id> = others.map(|(_, other)| self.single(*other)).collect::<Option<_>>()?;
        let sizes = self.lowered.kind(first).sizes.clone();
        let mut nodes = Vec::new();
        let mut single = single.into_iter();
        let mut operands = Vec::new();
        for other in 0..node.operands.len() {
            operands.push(if other == place {
                first
            } else {
                self.repeated(single.next()?, &sizes, &node, &mut nodes)?
            });
        }
        let dtype = self.lowered.kind(*result).dtype;
        let mut last = self.lowered.value(Kind { dtype, sizes });
        nodes.push(Node { operands, results: vec![last], ..node.clone() });
        while let Some(view) = views.pop() {
            let view = self.lowered.nodes[view].clone();
            let kind = self.lowered.kind(*view.results.first()?).clone();
            let next = if views.is_empty() { *result } else { self.lowered.value(Kind { dtype, ..kind }) };
            nodes.push(Node { operands: vec![last], results: vec![next], ..view });
            last = next;
        }
        Some(nodes)
    }

    /// The value that another one is in another order, if only that reads it and it is computed by a product or element by element; and
    /// the nodes that change the order, the last first.
    fn views(&self, id: Id, views: &mut Vec<usize>) -> Option<Id> {
        views.clear();
        let (mut id, mut turns) = (id, false);
        loop {
            let producer = self.producers.get(id.index()).copied().flatten()?;
            let alone = self.readers[id.index()].len() == 1 && !self.lowered.outputs.contains(&id);
            let (Work::Op(op), true) = (&self.lowered.nodes[producer].work, alone) else { return None };
            turns |= op.as_any().is::<Transpose>();
            if op.as_any().is::<Transpose>() || op.as_any().is::<Reshape>() {
                views.push(producer);
                id = *self.lowered.nodes[producer].operands.first()?;
            } else {
                let made = op.element_wise() || op.as_any().is::<DotGeneral>();
                return (made && turns && self.lowered.kind(id).len() > 0).then_some(id);
            }
        }
    }

    /// The value of a single element that another one repeats.
    fn single(&self, id: Id) -> Option<Id> {
        let producer = &self.lowered.nodes[self.producers.get(id.index()).copied().flatten()?];
        let Work::Op(op) = &producer.work else { return None };
        let operand = *producer.operands.first()?;
        (op.as_any().is::<BroadcastInDim>() && self.lowered.kind(operand).len() == 1).then_some(operand)
    }

    /// A single element repeated to other sizes.
    fn repeated(&mut self, single: Id, sizes: &[usize], node: &Node, nodes: &mut Vec<Node>) -> Option<Id> {
        let Kind { dtype, sizes: own } = self.lowered.kind(single).clone();
        let first = sizes.len().checked_sub(own.len())?;
        let op = BroadcastInDim { shape: Shape::from(sizes), dimensions: (first..sizes.len()).collect() };
        let repeated = self.lowered.value(Kind { dtype, sizes: sizes.to_vec() });
        nodes.push(Node {
            work: Work::Op(Arc::new(op)),
            operands: vec![single],
            results: vec![repeated],
            ..node.clone()
        });
        Some(repeated)
    }
}
