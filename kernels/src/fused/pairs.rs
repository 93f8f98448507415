//! Two operations of arithmetic as one step, where nothing else needs what comes of the first.

use super::extent::Extent;
use super::node::{Node, Output};
use super::shape::{Shape, View};

/// The same nodes, of which some compute an operand themselves, so that nobody needs its node any more.
pub(super) fn paired(
    nodes: &[Node],
    needed: &[bool],
    outputs: &[Output],
    shape: &Shape,
    views: &[View],
) -> Vec<Node> {
    let mut uses = vec![0_usize; nodes.len()];
    for output in outputs {
        uses[output.node()] += 1;
    }
    for (node, _) in nodes.iter().zip(needed).filter(|(_, needed)| **needed) {
        match node {
            Node::Input { .. } => {}
            Node::Apply { operands, .. } => operands.iter().for_each(|&operand| uses[operand] += 1),
            Node::Reduce { operand, .. } => uses[*operand] += 1,
        }
    }
    let extents = extents(nodes, shape, views);
    let mut paired: Vec<Node> = nodes.to_vec();
    for index in (0..nodes.len()).filter(|&index| needed[index]) {
        let Node::Apply { kernel, operands } = &nodes[index] else { continue };
        let [left, right] = operands[..] else { continue };
        let pair =
            [(left, right, false), (right, left, true)].into_iter().find_map(|(own, other, swapped)| {
                let Node::Apply { kernel: first, operands } = &paired[own] else { return None };
                let alone = uses[own] == 1 && extents[own] == extents[index] && own != other;
                let kernel = alone.then(|| first.then(kernel, swapped)).flatten()?;
                let operands = operands.iter().copied().chain([other]).collect();
                Some(Node::Apply { kernel, operands })
            });
        if let Some(pair) = pair {
            paired[index] = pair;
        }
    }
    paired
}

/// Along what each node varies.
fn extents(nodes: &[Node], shape: &Shape, views: &[View]) -> Vec<Extent> {
    let mut views = views.iter();
    let mut extents: Vec<Extent> = Vec::with_capacity(nodes.len());
    for node in nodes {
        extents.push(match node {
            Node::Input { .. } => views.next().map(|view| shape.extent(view)).unwrap_or_default(),
            Node::Apply { operands, .. } => {
                operands.iter().fold(Extent::default(), |extent, &operand| extent.or(extents[operand]))
            }
            Node::Reduce { operand, .. } => Extent { row: extents[*operand].row, column: false },
        });
    }
    extents
}
