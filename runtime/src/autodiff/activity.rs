//! Which values a gradient flows through: those computed from what is differentiated with respect to.

use std::collections::{BTreeSet, HashMap};

use crate::graph::{Function, FunctionId, Graph, Operation, ValueId, VariableId};

/// What a function is differentiated with respect to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sources {
    /// For each input, whether a gradient flows to it.
    pub inputs: Vec<bool>,
    /// The variables gradients are wanted for.
    pub variables: BTreeSet<VariableId>,
}

/// What depends on the sources in a function.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    /// For each value, whether a gradient flows through it.
    pub values: Vec<bool>,
    /// The variables whose gradients the function contributes to, itself or through calls.
    pub variables: BTreeSet<VariableId>,
}

impl Activity {
    pub fn is_active(&self, value: ValueId) -> bool {
        self.values.get(value.index()).copied().unwrap_or(false)
    }
}

/// Works activity out, remembering what was found for each function and its sources.
#[derive(Default)]
pub(super) struct Activities {
    known: HashMap<(FunctionId, Sources), Activity>,
}

impl Activities {
    /// The activity of a function of the graph.
    pub fn of(&mut self, graph: &Graph, id: FunctionId, sources: &Sources) -> Activity {
        let key = (id, sources.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let activity =
            graph.function(id).map(|function| self.of_function(graph, function, sources)).unwrap_or_default();
        self.known.insert(key, activity.clone());
        activity
    }

    /// The activity of a function that may still be under construction.
    pub fn of_function(&mut self, graph: &Graph, function: &Function, sources: &Sources) -> Activity {
        let mut activity =
            Activity { values: vec![false; function.values.len()], variables: BTreeSet::new() };
        for ((_, value), &active) in function.inputs.iter().zip(&sources.inputs) {
            activity.values[value.index()] = active && is_float(function, *value);
        }
        self.extend(graph, function, sources, &mut activity);
        activity
    }

    /// Follows the nodes of a function from values that are known to be active.
    pub fn extend(&mut self, graph: &Graph, function: &Function, sources: &Sources, activity: &mut Activity) {
        activity.values.resize(function.values.len(), false);
        for node in &function.nodes {
            let operands: Vec<bool> = node.operands.iter().map(|&value| activity.is_active(value)).collect();
            let active: Vec<bool> = match &node.operation {
                Operation::Op(op) => {
                    let flows = op.no_gradient().is_none() && operands.contains(&true);
                    vec![flows; node.results.len()]
                }
                Operation::Read(variable) => {
                    let wanted = sources.variables.contains(variable);
                    if wanted {
                        activity.variables.insert(*variable);
                    }
                    vec![wanted]
                }
                Operation::Call(callee) => {
                    let inner = Sources { inputs: operands, variables: sources.variables.clone() };
                    let inner = self.of(graph, *callee, &inner);
                    activity.variables.extend(&inner.variables);
                    let outputs =
                        graph.function(*callee).map(|callee| callee.outputs.as_slice()).unwrap_or_default();
                    outputs.iter().map(|&output| inner.is_active(output)).collect()
                }
                Operation::Constant(_) | Operation::Assign(_) => vec![false; node.results.len()],
                // What flows through a loop or a branch is not worked out: everything may.
                _ => vec![true; node.results.len()],
            };
            for (&value, active) in node.results.iter().zip(active) {
                // A value that is known to be active stays so: it is what the gradient is wanted for.
                activity.values[value.index()] |= active && is_float(function, value);
            }
        }
    }
}

fn is_float(function: &Function, value: ValueId) -> bool {
    function.value_type(value).is_some_and(|kind| kind.dtype.is_float())
}
