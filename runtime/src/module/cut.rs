//! A function up to one of the layers that it calls.

use crate::error::{Error, Result};
use crate::graph::{Function, FunctionId, Graph, Node, Operation, Origin};

/// The path of a layer in the model, if a function is a method of one.
pub(super) fn path_of<'f>(function: &'f Function, root: &str) -> Option<&'f str> {
    match &function.origin {
        Origin::Layer { path, .. } if root.is_empty() => Some(path),
        Origin::Layer { path, .. } if path == root => Some(""),
        Origin::Layer { path, .. } => path.strip_prefix(root)?.strip_prefix('.'),
        _ => None,
    }
}

/// Adds to a graph what a function does until the layer at a path has given its outputs, and those are the outputs. Of several
/// calls the last counts.
///
/// # Errors
/// If the function calls no such layer, with those there are.
pub(super) fn cut(graph: &mut Graph, function: FunctionId, root: &str, layer: &str) -> Result<FunctionId> {
    // The calls that lead to the layer, the outermost first: a function, and the place of a node in it.
    let mut way: Vec<(FunctionId, usize)> = Vec::new();
    let mut inner = function;
    loop {
        let found = graph.function(inner).and_then(|function| {
            let leads = |node: &Node| match node.operation {
                Operation::Call(callee) => leads_to(graph, callee, root, layer),
                _ => false,
            };
            let place = function.nodes.iter().rposition(leads)?;
            match function.nodes[place].operation {
                Operation::Call(callee) => Some((place, callee)),
                _ => None,
            }
        });
        let Some((place, callee)) = found else { return Err(unknown(graph, function, root, layer)) };
        way.push((inner, place));
        if graph.function(callee).and_then(|callee| path_of(callee, root)) == Some(layer) {
            break;
        }
        inner = callee;
    }
    let mut cut: Option<FunctionId> = None;
    for (id, place) in way.into_iter().rev() {
        let Some(mut function) = graph.function(id).cloned() else { continue };
        function.nodes.truncate(place + 1);
        if let (Some(callee), Some(node)) = (cut, function.nodes.last_mut()) {
            // What the shorter function gives are other values than those of the whole one.
            node.operation = Operation::Call(callee);
            let kinds: Vec<_> = graph
                .function(callee)
                .map(|callee| callee.output_types().cloned().collect())
                .unwrap_or_default();
            node.results.clear();
            for kind in kinds {
                function.values.push(kind);
                node.results.push(crate::graph::ValueId::new(function.values.len() - 1));
            }
        }
        function.outputs = function.nodes.last().map(|node| node.results.clone()).unwrap_or_default();
        function.name = format!("{}@{layer}", function.name);
        cut = Some(FunctionId::new(graph.functions.len()));
        graph.functions.push(function);
    }
    cut.ok_or_else(|| unknown(graph, function, root, layer))
}

/// Whether a function is a method of the layer at a path, or calls one.
fn leads_to(graph: &Graph, function: FunctionId, root: &str, layer: &str) -> bool {
    let (mut next, mut seen) = (vec![function], std::collections::BTreeSet::new());
    while let Some(id) = next.pop() {
        let Some(function) = graph.function(id).filter(|_| seen.insert(id)) else { continue };
        if path_of(function, root) == Some(layer) {
            return true;
        }
        next.extend(function.nodes.iter().filter_map(|node| match node.operation {
            Operation::Call(callee) => Some(callee),
            _ => None,
        }));
    }
    false
}

fn unknown(graph: &Graph, function: FunctionId, root: &str, layer: &str) -> Error {
    let mut known: Vec<String> = Vec::new();
    let (mut next, mut seen) = (vec![function], std::collections::BTreeSet::new());
    while let Some(id) = next.pop() {
        let Some(function) = graph.function(id).filter(|_| seen.insert(id)) else { continue };
        known.extend(path_of(function, root).filter(|path| !path.is_empty()).map(|path| format!("`{path}`")));
        next.extend(function.callees());
    }
    crate::sorted::sort_distinct(&mut known);
    let known =
        if known.is_empty() { "it calls none".to_owned() } else { format!("it calls {}", known.join(", ")) };
    Error::Trace {
        function: "up_to".into(),
        message: format!("the model calls no layer `{layer}` whose outputs could be its own; {known}"),
    }
}
