//! Removing what a graph does not need: unused nodes, repeated functions, functions that nothing calls.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use super::Graph;
use super::construction::base_name;
use super::function::{Function, FunctionId, Node, Operation, ValueId};

/// Removes nodes whose results nobody uses, merges functions that do the same for the same layer, and drops functions
/// that cannot be reached from `entries`, whose ids it updates.
pub fn clean(graph: &mut Graph, entries: &mut [FunctionId]) {
    let mut effects = Vec::with_capacity(graph.functions.len());
    for index in 0..graph.functions.len() {
        let has_effect = |node: &Node| {
            let runs = |callee: FunctionId| effects.get(callee.index()).copied().unwrap_or(true);
            matches!(node.operation, Operation::Assign(_)) || node.operation.callees().any(runs)
        };
        remove_unused_nodes(&mut graph.functions[index], has_effect);
        let effect = graph.functions[index].nodes.iter().any(has_effect);
        effects.push(effect);
    }
    merge_functions(graph, entries);
    drop_unreachable(graph, entries);
    drop_unused_constants(graph);
}

fn remove_unused_nodes(function: &mut Function, has_effect: impl Fn(&Node) -> bool) {
    let mut used = vec![false; function.values.len()];
    for value in &function.outputs {
        used[value.index()] = true;
    }
    let mut kept = vec![false; function.nodes.len()];
    for (index, node) in function.nodes.iter().enumerate().rev() {
        kept[index] = has_effect(node) || node.results.iter().any(|value| used[value.index()]);
        if kept[index] {
            for value in &node.operands {
                used[value.index()] = true;
            }
        }
    }
    let mut kept = kept.into_iter();
    function.nodes.retain(|_| kept.next().unwrap_or(true));
    renumber_values(function);
}

/// Gives the values the numbers they are defined in, without gaps.
fn renumber_values(function: &mut Function) {
    let mut numbers = vec![None; function.values.len()];
    let mut values = Vec::new();
    let mut define = |value: &mut ValueId| {
        numbers[value.index()] = Some(ValueId::new(values.len()));
        values.push(function.values[value.index()].clone());
        *value = ValueId::new(values.len() - 1);
    };
    for (_, value) in &mut function.inputs {
        define(value);
    }
    for node in &mut function.nodes {
        for value in &mut node.results {
            define(value);
        }
    }
    let renumber = |value: &mut ValueId| {
        if let Some(number) = numbers[value.index()] {
            *value = number;
        }
    };
    function.nodes.iter_mut().flat_map(|node| &mut node.operands).for_each(renumber);
    function.outputs.iter_mut().for_each(renumber);
    function.values = values;
}

fn merge_functions(graph: &mut Graph, entries: &mut [FunctionId]) {
    let mut same_as: Vec<FunctionId> = Vec::with_capacity(graph.functions.len());
    let mut seen: HashMap<String, FunctionId> = HashMap::new();
    for (index, function) in graph.functions.iter_mut().enumerate() {
        for node in &mut function.nodes {
            node.operation.map_callees(|callee| same_as[callee.index()]);
        }
        same_as.push(*seen.entry(identity(function)).or_insert(FunctionId::new(index)));
    }
    for entry in entries {
        *entry = same_as[entry.index()];
    }
}

/// A text that is the same for two functions if and only if they do the same and come from the same layer.
fn identity(function: &Function) -> String {
    let mut text = format!("{:?} {:?} {:?}", function.origin, function.inputs, function.outputs);
    for node in &function.nodes {
        let _ = match &node.operation {
            Operation::Op(op) => write!(text, "\n{} {} {:?}", op.name(), op.version(), op.attributes()),
            other => write!(text, "\n{other:?}"),
        };
        let _ = write!(text, " {:?} {:?}", node.operands, node.results);
    }
    let _ = write!(text, "\n{:?}", function.values);
    text
}

fn drop_unreachable(graph: &mut Graph, entries: &mut [FunctionId]) {
    let mut reached = BTreeSet::new();
    let mut next: Vec<_> = entries.to_vec();
    while let Some(id) = next.pop() {
        if let Some(function) = graph.function(id)
            && reached.insert(id)
        {
            next.extend(function.callees());
        }
    }
    let numbers: HashMap<_, _> =
        reached.iter().enumerate().map(|(new, &old)| (old, FunctionId::new(new))).collect();
    let functions = std::mem::take(&mut graph.functions);
    let kept =
        functions.into_iter().enumerate().filter(|(index, _)| reached.contains(&FunctionId::new(*index)));
    graph.functions = kept.map(|(_, function)| function).collect();
    for function in &mut graph.functions {
        for node in &mut function.nodes {
            node.operation.map_callees(|callee| numbers.get(&callee).copied().unwrap_or(callee));
        }
    }
    for entry in entries {
        if let Some(&number) = numbers.get(entry) {
            *entry = number;
        }
    }
    name_apart(graph);
}

/// Numbers functions of one name from the start again, since some of them may be gone.
fn name_apart(graph: &mut Graph) {
    let mut count: HashMap<String, usize> = HashMap::new();
    for function in &mut graph.functions {
        let base = base_name(&function.name).to_owned();
        let number = count.entry(base.clone()).or_insert(0);
        *number += 1;
        function.name = if *number == 1 { base } else { format!("{base}#{number}") };
    }
}

fn drop_unused_constants(graph: &mut Graph) {
    let mut numbers = HashMap::new();
    let mut constants = Vec::new();
    for node in graph.functions.iter_mut().flat_map(|function| &mut function.nodes) {
        if let Operation::Constant(id) = &mut node.operation {
            let next = super::ConstantId::new(constants.len());
            let number = *numbers.entry(*id).or_insert(next);
            if number == next {
                constants.push(graph.constants[id.index()].clone());
            }
            *id = number;
        }
    }
    graph.constants = constants;
}
