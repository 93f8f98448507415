//! Removing what a graph does not need: unused nodes, repeated functions, functions that nothing calls.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use super::Graph;
use super::construction::base_name;
use super::function::{Function, FunctionId, GradientRule, Node, Operation, ValueId};

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
        if let GradientRule::Own(gradient) = &mut function.gradient {
            *gradient = same_as[gradient.index()];
        }
        same_as.push(*seen.entry(identity(function)).or_insert(FunctionId::new(index)));
    }
    for entry in entries {
        *entry = same_as[entry.index()];
    }
}

/// A text that is the same for two functions if and only if they do the same and come from the same layer.
fn identity(function: &Function) -> String {
    let mut text =
        format!("{:?} {:?} {:?} {:?}", function.origin, function.gradient, function.inputs, function.outputs);
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
            next.extend(function.callees().chain(function.own_gradient()));
        }
    }
    let numbers: HashMap<_, _> =
        reached.iter().enumerate().map(|(new, &old)| (old, FunctionId::new(new))).collect();
    let functions = std::mem::take(&mut graph.functions);
    let kept =
        functions.into_iter().enumerate().filter(|(index, _)| reached.contains(&FunctionId::new(*index)));
    graph.functions = kept.map(|(_, function)| function).collect();
    for function in &mut graph.functions {
        if let GradientRule::Own(gradient) = &mut function.gradient
            && let Some(&number) = numbers.get(gradient)
        {
            *gradient = number;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Location;
    use crate::graph::{Construction, Operation, Origin, VariableId, verify};
    use crate::tensor::{DType, Data, Dim, Shape, TensorType};

    fn number(dtype: DType) -> TensorType {
        TensorType::new(dtype, Shape::from(()))
    }

    /// Appends a function that runs operations, each over the first `count` inputs, and gives the results of the last.
    fn add(
        graph: &mut Graph,
        name: &str,
        inputs: &[DType],
        nodes: &[(Operation, usize, &[DType])],
    ) -> FunctionId {
        let named = inputs.iter().enumerate().map(|(index, &dtype)| (format!("x{index}"), number(dtype)));
        let mut construction = Construction::new("test");
        construction.begin(name, Origin::Derived("test".into()), named.collect());
        let mut function = construction.stack.remove(0).function;
        function.outputs = function.inputs.iter().take(1).map(|(_, value)| *value).collect();
        for (operation, count, results) in nodes {
            let start = function.values.len();
            function.values.extend(results.iter().map(|&dtype| number(dtype)));
            function.outputs = (start..function.values.len()).map(ValueId::new).collect();
            function.nodes.push(Node {
                operation: operation.clone(),
                operands: (0..*count).map(ValueId::new).collect(),
                results: function.outputs.clone(),
                location: Location::new("", 0, 0),
            });
        }
        graph.functions.push(function);
        FunctionId::new(graph.functions.len() - 1)
    }

    const ONE: &[DType] = &[DType::Bool];

    fn repeat(condition: FunctionId, body: FunctionId) -> (Operation, usize, &'static [DType]) {
        (Operation::While { condition, body, state: 1 }, 1, ONE)
    }

    #[test]
    fn callees_of_control_flow_are_merged_kept_and_renumbered() {
        let mut graph = Graph::default();
        let unused = add(&mut graph, "unused", ONE, &[]);
        let body = add(&mut graph, "body", ONE, &[]);
        let again = add(&mut graph, "body#2", ONE, &[]);
        // The same as `unused`, `body` and `again`: all are one function.
        let step = add(&mut graph, "step", &[DType::Bool; 2], &[]);
        let lost = add(&mut graph, "lost", &[DType::F32], &[]);
        let branch = add(&mut graph, "branch", &[DType::I32], &[]);
        let branch = [branch, add(&mut graph, "branch#2", &[DType::I32], &[])];
        let unwind = Operation::Unwind { condition: again, body, step, state: 1, gradients: 1 };
        let scan = |length| Operation::Scan { body: again, state: 1, inputs: 0, length, reverse: false };
        let main =
            add(&mut graph, "main", &[DType::I32; 2], &[(Operation::Case(branch.into()), 2, &[DType::I32])]);
        let other = add(
            &mut graph,
            "other",
            &[DType::Bool; 2],
            &[repeat(unused, again), (scan(Dim::from(3)), 1, ONE), (unwind, 2, ONE)],
        );
        graph.functions[other.index()].outputs = (2..5).map(ValueId::new).collect();
        verify(&graph).unwrap();
        let mut entries = [main, other];
        clean(&mut graph, &mut entries);
        verify(&graph).unwrap();
        let names: Vec<_> = graph.functions.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["unused", "step", "branch", "main", "other"]);
        assert!(!names.contains(&"lost"), "{lost:?}");
        let callees =
            |entry: FunctionId| graph.functions[entry.index()].callees().map(|id| id.0).collect::<Vec<_>>();
        assert_eq!((callees(entries[0]), callees(entries[1])), (vec![2, 2], vec![0, 0, 0, 0, 0, 1]));
    }

    #[test]
    fn control_flow_is_told_apart_by_everything_it_says() {
        let mut graph = Graph::default();
        let body = add(&mut graph, "body", ONE, &[]);
        let scan = |length: i64, reverse| {
            let length = Dim::from(length);
            (Operation::Scan { body, state: 1, inputs: 0, length, reverse }, 1, ONE)
        };
        let nodes = [scan(1, false), scan(2, false), scan(1, true), repeat(body, body), scan(1, false)];
        let mut entries = nodes.map(|node| add(&mut graph, "entry", ONE, &[node]));
        clean(&mut graph, &mut entries);
        assert_eq!(graph.functions.len(), 5);
        assert_eq!(entries[0], entries[4]);
    }

    #[test]
    fn control_flow_is_kept_for_what_its_functions_assign() {
        let mut graph = Graph { constants: vec![Data::scalar(true)], ..Graph::default() };
        let pure = add(&mut graph, "pure", ONE, &[]);
        let assign = (Operation::Assign(VariableId(0)), 1, &[][..]);
        let assigns = add(&mut graph, "assigns", ONE, &[assign]);
        graph.functions[assigns.index()].outputs = vec![ValueId(0)];
        // An effect three functions deep.
        let deep = add(&mut graph, "deep", ONE, &[repeat(pure, assigns)]);
        let scan = Operation::Scan { body: deep, state: 1, inputs: 0, length: Dim::from(2), reverse: false };
        let mut entry =
            add(&mut graph, "entry", ONE, &[repeat(pure, pure), (scan, 1, ONE), repeat(assigns, pure)]);
        graph.functions[entry.index()].outputs = vec![ValueId(0)];
        clean(&mut graph, std::slice::from_mut(&mut entry));
        let kept: Vec<_> =
            graph.functions[entry.index()].nodes.iter().map(|node| node.operation.name()).collect();
        assert_eq!(kept, ["scan", "while"]);
    }
}
