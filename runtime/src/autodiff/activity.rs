//! Which values a gradient flows through: those computed from what is differentiated with respect to.

use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::graph::{Function, FunctionId, Graph, Operation, ValueId, VariableId};

/// What a function is differentiated with respect to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sources {
    /// For each input, whether a gradient flows to it.
    pub inputs: Vec<bool>,
    /// The variables gradients are wanted for.
    pub variables: Wanted,
}

/// The variables gradients are wanted for, the same in all functions of one walk: shared, and compared at once.
#[derive(Clone, Debug, Default, Eq)]
pub(super) struct Wanted(Arc<BTreeSet<VariableId>>);

impl Wanted {
    pub fn contains(&self, variable: VariableId) -> bool {
        self.0.contains(&variable)
    }
}

impl FromIterator<VariableId> for Wanted {
    fn from_iter<I: IntoIterator<Item = VariableId>>(variables: I) -> Self {
        Self(Arc::new(variables.into_iter().collect()))
    }
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Hash for Wanted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.len().hash(state);
    }
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

/// What flows through a branch or a loop.
#[derive(Default)]
struct ControlActivity {
    results: Vec<bool>,
    variables: BTreeSet<VariableId>,
    /// Of a loop: the operands of its body that are active in some iteration.
    operands: Vec<bool>,
}

/// Works activity out, remembering what was found for each function and its sources.
#[derive(Default)]
pub(super) struct Activities {
    known: HashMap<(FunctionId, Sources), Arc<Activity>>,
}

impl Activities {
    /// The activity of a function of the graph.
    pub fn of(&mut self, graph: &Graph, id: FunctionId, sources: &Sources) -> Arc<Activity> {
        let key = (id, sources.clone());
        if let Some(known) = self.known.get(&key) {
            return Arc::clone(known);
        }
        let function = graph.function(id);
        let activity = function.map(|function| self.of_function(graph, function, sources));
        let activity = Arc::new(activity.unwrap_or_default());
        self.known.insert(key, Arc::clone(&activity));
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

    /// What flows through a branch or a loop whose operands are active or not.
    fn of_control(
        &mut self,
        graph: &Graph,
        control: &Operation,
        operands: Vec<bool>,
        sources: &Sources,
    ) -> ControlActivity {
        let mut found = ControlActivity::default();
        match control {
            Operation::Case(branches) => {
                for &branch in branches {
                    let inputs = operands.iter().skip(1).copied().collect();
                    let (outputs, variables) = self.of_callee(graph, branch, inputs, sources);
                    found.results.resize(outputs.len(), false);
                    found.results.iter_mut().zip(outputs).for_each(|(any, output)| *any |= output);
                    found.variables.extend(variables);
                }
            }
            Operation::While { body, state, .. } | Operation::Scan { body, state, .. } => {
                let state = *state as usize;
                found.operands = operands;
                loop {
                    let before = found.operands.clone();
                    let (outputs, variables) = self.of_callee(graph, *body, before.clone(), sources);
                    found.variables = variables;
                    found.results = outputs;
                    for (operand, result) in found.operands.iter_mut().zip(&mut found.results).take(state) {
                        // The state of an iteration is that of the one before.
                        *operand |= *result;
                        *result = *operand;
                    }
                    if found.operands == before {
                        break;
                    }
                }
            }
            Operation::Unwind { body, step, gradients, .. } => {
                for callee in [*body, *step] {
                    let inputs = graph.function(callee).map_or(0, |callee| callee.inputs.len());
                    let (_, variables) = self.of_callee(graph, callee, vec![true; inputs], sources);
                    found.variables.extend(variables);
                }
                let flows = operands.contains(&true) || !found.variables.is_empty();
                found.results = vec![flows; *gradients as usize];
            }
            _ => {}
        }
        found
    }

    fn of_callee(
        &mut self,
        graph: &Graph,
        callee: FunctionId,
        inputs: Vec<bool>,
        sources: &Sources,
    ) -> (Vec<bool>, BTreeSet<VariableId>) {
        let inner = self.of(graph, callee, &Sources { inputs, variables: sources.variables.clone() });
        let outputs = graph.function(callee).map(|callee| callee.outputs.as_slice()).unwrap_or_default();
        (outputs.iter().map(|&output| inner.is_active(output)).collect(), inner.variables.clone())
    }

    /// Which operands of a loop are active, those of its state also where an iteration makes them so.
    pub fn of_loop(
        &mut self,
        graph: &Graph,
        control: &Operation,
        operands: Vec<bool>,
        sources: &Sources,
    ) -> Vec<bool> {
        self.of_control(graph, control, operands, sources).operands
    }

    /// The wanted variables that the functions of a branch or loop read.
    pub fn variables_of(
        &mut self,
        graph: &Graph,
        control: &Operation,
        operands: Vec<bool>,
        sources: &Sources,
    ) -> BTreeSet<VariableId> {
        self.of_control(graph, control, operands, sources).variables
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
                    let wanted = sources.variables.contains(*variable);
                    if wanted {
                        activity.variables.insert(*variable);
                    }
                    vec![wanted]
                }
                Operation::Call(callee) => {
                    let any = operands.contains(&true);
                    let inner = Sources { inputs: operands, variables: sources.variables.clone() };
                    let inner = self.of(graph, *callee, &inner);
                    activity.variables.extend(&inner.variables);
                    let callee = graph.function(*callee);
                    // Whatever its nodes are: where the user gives the gradient, it flows as the user says.
                    let own = callee.is_some_and(|callee| callee.own_gradient().is_some());
                    let flows = own && (any || !inner.variables.is_empty());
                    let outputs = callee.map(|callee| callee.outputs.as_slice()).unwrap_or_default();
                    outputs.iter().map(|&output| flows || inner.is_active(output)).collect()
                }
                Operation::Constant(_) | Operation::Assign(_) => vec![false; node.results.len()],
                control => {
                    let found = self.of_control(graph, control, operands, sources);
                    activity.variables.extend(found.variables);
                    found.results
                }
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
