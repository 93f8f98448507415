//! Computing once what does not change: constants are folded, what is computed twice is computed once, what nothing uses is
//! not computed.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use super::lowered::{Id, Kind, Lowered, Node, Work};
use crate::graph::DynOp;
use crate::ops::BroadcastInDim;
use crate::tensor::{Buffer, Data, Shape};

/// Computes the results of an op.
pub(super) type Compute = dyn Fn(&Arc<dyn DynOp>, &[Data], &[&Kind]) -> Option<Vec<Data>>;

/// Results of more bytes than this are not computed ahead, since reading them may take longer than computing them.
const MOST_FOLDED: usize = 1 << 16;
/// The same for what is computed from nothing.
const MOST_GENERATED: usize = 1 << 20;
/// A constant of no more bytes is read as it is.
const LEAST_REPEATED: usize = 1 << 10;
/// All that is computed ahead takes no more bytes than this, however many nodes there are.
const MOST_CONSTANTS: usize = 1 << 26;

/// Folds constants, merges nodes that do the same, and removes those that nothing uses.
pub(super) fn simplify(lowered: &mut Lowered, compute: &Compute) {
    let mut names: Vec<Id> = (0..lowered.values.len()).map(Id::new).collect();
    let mut constants: HashMap<Id, Data> = HashMap::new();
    let mut seen: HashMap<String, Vec<Id>> = HashMap::new();
    let mut kept = Vec::with_capacity(lowered.nodes.len());
    let mut left = MOST_CONSTANTS;
    for mut node in std::mem::take(&mut lowered.nodes) {
        for operand in &mut node.operands {
            *operand = names[operand.index()];
        }
        let constant = match &node.work {
            Work::Constant(data) => Some(vec![data.clone()]),
            _ => fold(lowered, &node, &constants, &mut left, compute),
        };
        let Some(folded) = constant else {
            keep(node, &mut names, &mut constants, &mut seen, &mut kept);
            continue;
        };
        for (result, data) in node.results.iter().zip(folded) {
            let of = |work, operands, result| Node {
                work,
                operands,
                results: vec![result],
                location: node.location.clone(),
                scope: node.scope.clone(),
                again: false,
            };
            let Some(element) = repeated(&data) else {
                let constant = of(Work::Constant(data), Vec::new(), *result);
                keep(constant, &mut names, &mut constants, &mut seen, &mut kept);
                continue;
            };
            let scalar = lowered.value(Kind { dtype: data.dtype(), sizes: Vec::new() });
            names.push(scalar);
            let constant = of(Work::Constant(element), Vec::new(), scalar);
            keep(constant, &mut names, &mut constants, &mut seen, &mut kept);
            let repeat = BroadcastInDim { shape: Shape::from(data.sizes()), dimensions: Vec::new() };
            let repeat = of(Work::Op(Arc::new(repeat)), vec![names[scalar.index()]], *result);
            keep(repeat, &mut names, &mut constants, &mut seen, &mut kept);
            constants.insert(names[result.index()], data);
        }
    }
    lowered.nodes = kept;
    lowered.rename(|id| names[id.index()]);
    remove_unused(lowered);
}

/// The element that a constant of some size repeats, if it holds no other: reading it once takes less than reading all of them.
fn repeated(data: &Data) -> Option<Data> {
    let (bytes, size) = (data.bytes(), data.dtype().size());
    let element = bytes.get(..size).filter(|_| bytes.len() > LEAST_REPEATED)?;
    if bytes.chunks_exact(size).any(|other| other != element) {
        return None;
    }
    let mut buffer = Buffer::new(size)?;
    buffer.bytes_mut().copy_from_slice(element);
    Data::from_storage(data.dtype(), Vec::new(), Arc::new(buffer)).ok()
}

fn keep(
    node: Node,
    names: &mut [Id],
    constants: &mut HashMap<Id, Data>,
    seen: &mut HashMap<String, Vec<Id>>,
    kept: &mut Vec<Node>,
) {
    if let Some(key) = key(&node) {
        if let Some(known) = seen.get(&key) {
            for (result, known) in node.results.iter().zip(known) {
                names[result.index()] = *known;
            }
            return;
        }
        seen.insert(key, node.results.clone());
    }
    if let (Work::Constant(data), [result]) = (&node.work, node.results.as_slice()) {
        constants.insert(*result, data.clone());
    }
    kept.push(node);
}

/// The results of a node, if they can be computed now.
fn fold(
    lowered: &Lowered,
    node: &Node,
    constants: &HashMap<Id, Data>,
    left: &mut usize,
    compute: &Compute,
) -> Option<Vec<Data>> {
    let Work::Op(op) = &node.work else { return None };
    let kinds: Vec<_> = node.results.iter().map(|result| lowered.kind(*result)).collect();
    let bytes = kinds.iter().fold(0_usize, |sum, kind| sum.saturating_add(kind.bytes()));
    let most = if node.operands.is_empty() { MOST_GENERATED } else { MOST_FOLDED };
    if node.work.is_ordered() || bytes > most.min(*left) {
        return None;
    }
    let operands: Vec<Data> =
        node.operands.iter().map(|operand| constants.get(operand).cloned()).collect::<Option<_>>()?;
    let results = compute(op, &operands, &kinds)?;
    *left -= bytes;
    Some(results)
}

/// A text that two nodes have in common only if they give the same results.
fn key(node: &Node) -> Option<String> {
    let mut text = String::new();
    match &node.work {
        Work::Op(op) if !node.work.is_ordered() => {
            write!(text, "{} {op:?} {:?}", op.name(), node.operands).ok()?;
        }
        Work::Constant(data) if data.bytes().len() <= 256 => {
            write!(text, "{:?} {:?}", data.kind(), data.bytes()).ok()?;
        }
        _ => return None,
    }
    Some(text)
}

/// Removes the nodes whose results nothing uses, unless they can fail or change variables.
pub(super) fn remove_unused(lowered: &mut Lowered) {
    let mut used = vec![false; lowered.values.len()];
    for output in &lowered.outputs {
        used[output.index()] = true;
    }
    let mut kept = vec![false; lowered.nodes.len()];
    for (index, node) in lowered.nodes.iter().enumerate().rev() {
        let must_stay = node.work.is_ordered() && !matches!(node.work, Work::Read(_));
        kept[index] = must_stay || node.results.iter().any(|result| used[result.index()]);
        if kept[index] {
            for operand in &node.operands {
                used[operand.index()] = true;
            }
        }
    }
    let mut kept = kept.into_iter();
    lowered.nodes.retain(|_| kept.next().unwrap_or(true));
}
