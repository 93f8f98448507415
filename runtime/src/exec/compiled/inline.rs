//! From a function of a graph to a flat list of nodes for concrete sizes.

use std::collections::HashMap;
use std::sync::Arc;

use super::lowered::{Id, Kind, Lowered, Node, Work};
use crate::error::{Error, Location, Result};
use crate::graph::{self, Function, FunctionId, Graph, Operation, Origin, ValueId, VariableId};
use crate::tensor::{Dim, Sizes, TensorType, check_memory};

/// A function is not inlined into one that would hold more nodes than this.
const MOST_NODES: usize = 200_000;
/// A function of at most so many nodes is inlined wherever it is called.
const SMALL: usize = 16;

/// What is known of the functions of a graph before any sizes are.
pub(super) struct Inlining {
    /// Whether the calls in a function are inlined, however large what they call is.
    whole: Vec<bool>,
    /// The number of nodes of a function with the calls in it inlined.
    nodes: Vec<usize>,
    /// Whether a function reads or assigns variables, itself or through what it runs.
    pub uses_variables: Vec<bool>,
    /// Whether a function assigns variables, itself or through what it runs.
    pub assigns: Vec<bool>,
}

impl Inlining {
    pub fn of(graph: &Graph) -> Self {
        let mut this =
            Self { whole: Vec::new(), nodes: Vec::new(), uses_variables: Vec::new(), assigns: Vec::new() };
        for function in &graph.functions {
            let any = |known: &[bool], own: fn(&Operation) -> bool| {
                let runs = |callee: FunctionId| known.get(callee.index()).copied().unwrap_or(true);
                function.nodes.iter().any(|node| own(&node.operation) || node.operation.callees().any(runs))
            };
            let assigns = any(&this.assigns, |operation| matches!(operation, Operation::Assign(_)));
            let uses = any(&this.uses_variables, |operation| {
                matches!(operation, Operation::Assign(_) | Operation::Read(_))
            });
            let called = |node: &graph::Node| match node.operation {
                Operation::Call(callee) => this.nodes.get(callee.index()).copied().unwrap_or(1),
                _ => 1,
            };
            let all = function.nodes.iter().fold(0_usize, |sum, node| sum.saturating_add(called(node)));
            let small = |node: &graph::Node| Some(called(node)).filter(|&count| count <= SMALL).unwrap_or(1);
            let whole = all <= MOST_NODES;
            let nodes = if whole { all } else { function.nodes.iter().map(small).sum() };
            this.assigns.push(assigns);
            this.uses_variables.push(uses);
            this.whole.push(whole);
            this.nodes.push(nodes);
        }
        this
    }

    fn inlines(&self, caller: FunctionId, callee: FunctionId) -> bool {
        let whole = self.whole.get(caller.index()).copied().unwrap_or(false);
        whole || self.nodes.get(callee.index()).is_some_and(|&nodes| nodes <= SMALL)
    }

    fn touches(&self, operation: &Operation) -> bool {
        operation.callees().any(|callee| self.uses_variables.get(callee.index()).copied().unwrap_or(true))
    }

    fn changes(&self, operation: &Operation) -> bool {
        operation.callees().any(|callee| self.assigns.get(callee.index()).copied().unwrap_or(true))
    }
}

/// A call that is being inlined.
struct Frame<'g> {
    id: FunctionId,
    function: &'g Function,
    /// What each value is in the flat list.
    values: Vec<Option<Id>>,
    next: usize,
    /// Where an error of what stands here is said to be.
    location: Option<Location>,
    scope: Arc<str>,
}

struct Flattening<'g> {
    graph: &'g Graph,
    inlining: &'g Inlining,
    sizes: &'g Sizes,
    lowered: Lowered,
    /// What variables hold at this point, where that is known.
    held: HashMap<VariableId, Id>,
    /// The variables whose new value has not been said yet.
    changed: Vec<VariableId>,
}

/// The flat list of a function for these sizes.
pub(super) fn flatten(graph: &Graph, inlining: &Inlining, id: FunctionId, sizes: &Sizes) -> Result<Lowered> {
    let mut flattening = Flattening {
        graph,
        inlining,
        sizes,
        lowered: Lowered::default(),
        held: HashMap::new(),
        changed: Vec::new(),
    };
    flattening.run(id)?;
    Ok(flattening.lowered)
}

impl<'g> Flattening<'g> {
    fn function(&self, id: FunctionId) -> Result<&'g Function> {
        self.graph.function(id).ok_or_else(|| Error::graph("", None, "there is no such function"))
    }

    fn run(&mut self, id: FunctionId) -> Result<()> {
        let function = self.function(id)?;
        let mut frame = Frame {
            id,
            function,
            values: vec![None; function.values.len()],
            next: 0,
            location: None,
            scope: function.name.as_str().into(),
        };
        for (_, value) in &function.inputs {
            let kind = function.value_type(*value).and_then(|kind| self.kind(kind).ok());
            let kind = kind.ok_or_else(|| broken(function, 0, "a size of an input is not known"))?;
            let input = self.lowered.value(kind);
            self.lowered.inputs.push(input);
            frame.values[value.index()] = Some(input);
        }
        let mut frames = vec![frame];
        loop {
            let Some(frame) = frames.last_mut() else { return Ok(()) };
            let function = frame.function;
            let Some(node) = function.nodes.get(frame.next) else {
                let outputs = frame.get(&function.outputs)?;
                frames.pop();
                let Some(caller) = frames.last_mut() else {
                    self.say_changes();
                    self.lowered.outputs = outputs;
                    return Ok(());
                };
                let results = caller.function.nodes.get(caller.next).map(|node| node.results.as_slice());
                caller.put(results.unwrap_or_default(), outputs);
                caller.next += 1;
                continue;
            };
            let operands = frame.get(&node.operands)?;
            match &node.operation {
                Operation::Call(callee) if self.inlining.inlines(frame.id, *callee) => {
                    let function = self.function(*callee)?;
                    let location = frame.location(&node.location);
                    let scope = match &function.origin {
                        Origin::Layer { path, .. } if !path.is_empty() => function.name.as_str().into(),
                        Origin::Composition(_) => format!("{}/{}", frame.scope, function.name).into(),
                        _ => frame.scope.clone(),
                    };
                    let values = vec![None; function.values.len()];
                    let mut called = Frame { id: *callee, function, values, next: 0, location, scope };
                    let inputs: Vec<ValueId> = function.inputs.iter().map(|(_, value)| *value).collect();
                    called.put(&inputs, operands);
                    frames.push(called);
                }
                _ => {
                    let results = self.node(frame, node, operands)?;
                    frame.put(&node.results, results);
                    frame.next += 1;
                }
            }
        }
    }

    /// Adds what a node does, and gives its results.
    fn node(&mut self, frame: &Frame<'_>, node: &graph::Node, operands: Vec<Id>) -> Result<Vec<Id>> {
        let location = frame.location(&node.location);
        let work = match &node.operation {
            Operation::Read(variable) => match self.held.get(variable) {
                Some(held) => return Ok(vec![*held]),
                None => Work::Read(*variable),
            },
            Operation::Assign(variable) => {
                self.held.extend(operands.into_iter().map(|operand| (*variable, operand)));
                if !self.changed.contains(variable) {
                    self.changed.push(*variable);
                }
                return Ok(Vec::new());
            }
            Operation::Constant(id) => {
                let constant = self.graph.constants.get(id.index()).cloned();
                Work::Constant(
                    constant
                        .ok_or_else(|| broken(frame.function, frame.next, "there is no such constant"))?,
                )
            }
            Operation::Op(op) => {
                let known = |dim: &Dim| dim.evaluate_signed(self.sizes).map(Dim::from);
                Work::Op(
                    op.map_dims(&mut |dim| known(dim).or_else(|| Some(dim.clone())))
                        .unwrap_or_else(|| op.clone()),
                )
            }
            control => Work::Control(control.clone()),
        };
        if let Work::Control(operation) = &work
            && self.inlining.touches(operation)
        {
            self.say_changes();
            if self.inlining.changes(operation) {
                self.held.clear();
            }
        }
        let (mut results, mut work) = (Vec::with_capacity(node.results.len()), work);
        for result in &node.results {
            let kind = frame.function.value_type(*result);
            let kind = kind.ok_or_else(|| broken(frame.function, frame.next, "a value has no type"))?;
            let kind = match self.kind(kind) {
                Ok(kind) => kind,
                Err(message) => {
                    let place = location.clone().unwrap_or_else(|| node.location.clone());
                    let message = format!("{}: {message}", node.operation.name());
                    work = Work::Fail(Box::new(Error::Check { message, location: place }));
                    Kind { dtype: kind.dtype, sizes: vec![0] }
                }
            };
            results.push(self.lowered.value(kind));
        }
        if let Work::Read(variable) = &work {
            self.held.extend(results.iter().map(|result| (*variable, *result)));
        }
        let scope = frame.scope.clone();
        self.lowered.nodes.push(Node {
            work,
            operands,
            results: results.clone(),
            location,
            scope,
            again: false,
        });
        Ok(results)
    }

    /// Adds the assignments that have not been said yet.
    fn say_changes(&mut self) {
        for variable in std::mem::take(&mut self.changed) {
            if let Some(held) = self.held.get(&variable) {
                self.lowered.nodes.push(Node {
                    work: Work::Assign(variable),
                    operands: vec![*held],
                    results: Vec::new(),
                    location: None,
                    scope: Arc::from(""),
                    again: false,
                });
            }
        }
    }

    fn kind(&self, kind: &TensorType) -> Result<Kind, String> {
        let sizes = kind.shape.evaluate(self.sizes);
        let sizes = sizes.ok_or_else(|| format!("a size of {kind} is not known, or negative"))?;
        check_memory(kind.dtype, &sizes)?;
        Ok(Kind { dtype: kind.dtype, sizes })
    }
}

impl Frame<'_> {
    fn get(&self, values: &[ValueId]) -> Result<Vec<Id>> {
        let get = |value: &ValueId| self.values.get(value.index()).copied().flatten();
        let all: Option<_> = values.iter().map(get).collect();
        all.ok_or_else(|| broken(self.function, self.next, "it uses a value that is not there"))
    }

    fn put(&mut self, values: &[ValueId], ids: Vec<Id>) {
        for (value, id) in values.iter().zip(ids) {
            if let Some(place) = self.values.get_mut(value.index()) {
                *place = Some(id);
            }
        }
    }

    /// Where an error of a node is said to be: where user code called the composition of the framework that it stands in.
    fn location(&self, own: &Location) -> Option<Location> {
        if is_theirs(self.function) { Some(own.clone()) } else { self.location.clone() }
    }
}

/// Whether users write such functions. The names of what they write, losses and functions with gradients of their own, are
/// paths.
pub(in crate::exec) fn is_theirs(function: &Function) -> bool {
    !matches!(&function.origin, Origin::Composition(name) if !name.contains("::"))
}

fn broken(function: &Function, node: usize, message: &str) -> Error {
    Error::graph(&function.name, Some(node), message)
}
