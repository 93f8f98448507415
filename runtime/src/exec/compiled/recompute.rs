//! Element-wise values that are computed again where they are read much later, if that leaves less to be kept: the function `erf` of an
//! activation and its derivative, say, from the one value that both are functions of.

use std::collections::{BTreeMap, HashMap};

use super::lowered::{Id, Lowered, Node, Work};
use super::simplify::remove_unused;
use crate::ops::{BroadcastInDim, Convolution, DotGeneral, Reshape, Transpose};
use crate::sorted;

/// A smaller value stays in a cache, or takes little memory.
const LEAST: usize = 1 << 20;
/// So many nodes at most are computed again for one value.
const MOST_NODES: usize = 16;
/// What is smaller than a value by this factor is kept beside it.
const SMALL: usize = 16;

/// Lets readers that come after a further product compute again what they read, element by element, from a value that is kept.
pub(super) fn recompute(lowered: &mut Lowered) {
    let plans = Search::new(lowered).plans();
    if plans.is_empty() {
        return;
    }
    let mut before: BTreeMap<usize, Vec<Node>> = BTreeMap::new();
    for values in plans {
        let mut names: HashMap<Id, Id> = HashMap::new();
        for Again { value, nodes, readers } in values {
            for index in nodes {
                let mut node = lowered.nodes[index].clone();
                node.again = true;
                for operand in &mut node.operands {
                    *operand = names.get(operand).copied().unwrap_or(*operand);
                }
                for result in &mut node.results {
                    let again = lowered.value(lowered.kind(*result).clone());
                    names.insert(*result, again);
                    *result = again;
                }
                before.entry(readers[0]).or_default().push(node);
            }
            for reader in readers {
                let operands = lowered.nodes[reader].operands.iter_mut();
                for operand in operands.filter(|operand| **operand == value) {
                    *operand = names.get(&value).copied().unwrap_or(value);
                }
            }
        }
    }
    let nodes = std::mem::take(&mut lowered.nodes);
    for (index, node) in nodes.into_iter().enumerate() {
        lowered.nodes.extend(before.remove(&index).unwrap_or_default());
        lowered.nodes.push(node);
    }
    remove_unused(lowered);
}

/// A value that is computed again, and for whom.
struct Again {
    value: Id,
    /// The nodes that compute it, in order, but for those of values before it.
    nodes: Vec<usize>,
    /// The nodes that read it then, in order.
    readers: Vec<usize>,
}

struct Search<'a> {
    lowered: &'a Lowered,
    producers: Vec<Option<usize>>,
    readers: Vec<Vec<usize>>,
    /// For each value, how many products are on the longest way to it.
    depths: Vec<usize>,
    /// For each value the one that it can be computed from, element by element; itself if there is none.
    bases: Vec<Id>,
}

impl<'a> Search<'a> {
    fn new(lowered: &'a Lowered) -> Self {
        let count = lowered.values.len();
        let mut this = Self {
            lowered,
            producers: lowered.producers(),
            readers: vec![Vec::new(); count],
            depths: vec![0; count],
            bases: (0..count).map(Id::new).collect(),
        };
        for (index, node) in lowered.nodes.iter().enumerate() {
            let depth = this.depth(node) + usize::from(is_product(node));
            for operand in &node.operands {
                this.readers[operand.index()].push(index);
            }
            let base = this.base(node);
            for result in &node.results {
                this.depths[result.index()] = depth;
                this.bases[result.index()] = base.unwrap_or(*result);
            }
        }
        this
    }

    fn depth(&self, node: &Node) -> usize {
        node.operands.iter().map(|operand| self.depths[operand.index()]).max().unwrap_or(0)
    }

    /// The value that the result of a node can be computed from.
    fn base(&self, node: &Node) -> Option<Id> {
        let [result] = node.results[..] else { return None };
        if !is_element_wise(node) {
            return None;
        }
        let length = self.lowered.kind(result).len();
        let mut large = node.operands.iter().filter(|operand| !self.is_small(**operand, length));
        let base = self.bases[large.next()?.index()];
        // What a variable held is not kept: it may be changed where it lies.
        let stays = self.producers[base.index()]
            .is_none_or(|producer| matches!(self.lowered.nodes[producer].work, Work::Op(_)));
        let same = stays
            && self.lowered.kind(base).len() == length
            && large.all(|operand| self.bases[operand.index()] == base);
        same.then_some(base)
    }

    /// Whether an operand is a small value, or one that is repeated, which stays as it is: no variable.
    fn is_small(&self, mut operand: Id, length: usize) -> bool {
        loop {
            let Some(producer) = self.producers[operand.index()].map(|index| &self.lowered.nodes[index])
            else {
                return false;
            };
            let Work::Op(op) = &producer.work else {
                return matches!(producer.work, Work::Constant(_))
                    && self.lowered.kind(operand).len() <= length / SMALL;
            };
            let op = op.as_any();
            match producer.operands.first() {
                Some(first) if op.is::<BroadcastInDim>() || op.is::<Reshape>() || op.is::<Transpose>() => {
                    operand = *first;
                }
                _ => return self.lowered.kind(operand).len() <= length / SMALL,
            }
        }
    }

    /// The nodes that read a value after a further product, if all of these go element by element.
    fn late_readers(&self, id: Id) -> Option<Vec<usize>> {
        let late = |reader: &usize| self.depth(&self.lowered.nodes[*reader]) > self.depths[id.index()];
        let late: Vec<_> = self.readers[id.index()].iter().copied().filter(late).collect();
        late.iter().all(|reader| is_element_wise(&self.lowered.nodes[*reader])).then_some(late)
    }

    /// The values that are computed again, those of one base together, in the order in which they are read.
    fn plans(&self) -> Vec<Vec<Again>> {
        let mut of_base: BTreeMap<Id, Vec<Again>> = BTreeMap::new();
        for node in self.lowered.nodes.iter().filter(|node| is_element_wise(node)) {
            let [value] = node.results[..] else { continue };
            let base = self.bases[value.index()];
            let is_small = self.lowered.kind(value).bytes() < LEAST;
            if base == value || is_small || self.lowered.outputs.contains(&value) {
                continue;
            }
            if let Some(readers) = self.late_readers(value).filter(|late| !late.is_empty()) {
                of_base.entry(base).or_default().push(Again { value, nodes: Vec::new(), readers });
            }
        }
        of_base.into_iter().filter_map(|(base, values)| self.plan(base, values)).collect()
    }

    /// What is computed again from a value, if that leaves less to be kept.
    fn plan(&self, base: Id, mut values: Vec<Again>) -> Option<Vec<Again>> {
        sorted::sort_by_key(&mut values, |again| again.readers[0]);
        let last = values.iter().filter_map(|again| again.readers.last()).max()?;
        let is_there = self.lowered.outputs.contains(&base)
            || self.readers[base.index()].iter().any(|reader| reader >= last);
        let bytes = |id: Id| self.lowered.kind(id).bytes();
        let kept: usize = values.iter().map(|again| bytes(again.value)).sum();
        let mut known = Vec::new();
        for again in &mut values {
            let start = known.len();
            self.collect(again.value, base, &mut known);
            again.nodes = known[start..].to_vec();
            sorted::sort(&mut again.nodes);
        }
        let gains = is_there || kept > bytes(base);
        (gains && known.len() <= MOST_NODES).then_some(values)
    }

    /// The nodes that compute a value from its base.
    fn collect(&self, id: Id, base: Id, nodes: &mut Vec<usize>) {
        let Some(index) = self.producers[id.index()] else { return };
        let known = id == base || self.bases[id.index()] != base || nodes.contains(&index);
        if known || nodes.len() > MOST_NODES {
            return;
        }
        nodes.push(index);
        for operand in &self.lowered.nodes[index].operands {
            self.collect(*operand, base, nodes);
        }
    }
}

fn is_product(node: &Node) -> bool {
    let Work::Op(op) = &node.work else { return matches!(node.work, Work::Control(_)) };
    op.as_any().is::<DotGeneral>() || op.as_any().is::<Convolution>()
}

fn is_element_wise(node: &Node) -> bool {
    matches!(&node.work, Work::Op(op) if op.element_wise() && !node.work.is_ordered())
}
