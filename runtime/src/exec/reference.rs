//! The reference executor.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::compiled::is_theirs;
use super::control::{Control, Step};
use super::last_uses::LastUses;
use super::non_finite::{Watcher, scope_of};
use super::{Executor, Prepared, Runnable, check_variables};
use crate::error::{Error, Location, Result};
use crate::graph::{
    Function, FunctionId, Graph, Kernels, Node, Operation, ValueId, Variable, VariableId, run_kernel,
};
use crate::tensor::{Buffer, Data, Sizes};

/// Runs nodes one by one with the kernels of the ops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Executor for Reference {
    fn prepare(&self, graph: Arc<Graph>, variables: Vec<Variable>) -> Result<Box<dyn Runnable>> {
        Ok(Box::new(Ready::new(graph, variables)?))
    }
}

impl Ready {
    fn new(graph: Arc<Graph>, variables: Vec<Variable>) -> Result<Self> {
        check_variables(&graph, &variables)?;
        let mut assigns = Vec::with_capacity(graph.functions.len());
        for function in &graph.functions {
            let node_assigns = |node: &Node| {
                let runs = |callee: FunctionId| assigns.get(callee.index()).copied().unwrap_or(true);
                matches!(node.operation, Operation::Assign(_)) || node.operation.callees().any(runs)
            };
            let any = function.nodes.iter().any(node_assigns);
            assigns.push(any);
        }
        let last_uses = graph.functions.iter().map(LastUses::of).collect();
        Ok(Self { graph, variables, assigns, last_uses, one_at_a_time: Mutex::new(()) })
    }
}

/// Runs a function and lets somebody look at every value; assigns nothing.
pub(super) fn watched(
    graph: Arc<Graph>,
    variables: Vec<Variable>,
    function: FunctionId,
    inputs: Vec<Data>,
    sizes: &Sizes,
    watcher: &mut Watcher<'_>,
) -> Result<()> {
    let ready = Ready::new(graph, variables)?;
    let mut run = Run { ready: &ready, sizes, assigned: BTreeMap::new(), watcher: Some(watcher) };
    run.call(function, inputs).map(drop)
}

struct Ready {
    graph: Arc<Graph>,
    variables: Vec<Variable>,
    /// Whether each function assigns variables, itself or through calls.
    assigns: Vec<bool>,
    /// Where each function uses its values for the last time.
    last_uses: Vec<LastUses>,
    /// Held while a function runs that assigns variables, so that no run loses what another one assigned.
    one_at_a_time: Mutex<()>,
}

impl Runnable for Ready {
    fn run(&self, function: FunctionId, inputs: Vec<Data>, sizes: &Sizes) -> Result<Vec<Data>> {
        let assigns = self.assigns.get(function.index()).copied().unwrap_or(false);
        let _alone = assigns.then(|| self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner));
        let mut run = Run { ready: self, sizes, assigned: BTreeMap::new(), watcher: None };
        let outputs = run.call(function, inputs)?;
        for (id, data) in run.assigned {
            self.variables[id.index()].set(data)?;
        }
        Ok(outputs)
    }

    fn prepare(&self, function: FunctionId, sizes: &Sizes) -> Result<Box<dyn Prepared + '_>> {
        Ok(Box::new(Again { ready: self, function, sizes: sizes.clone() }))
    }

    fn explain(&self, function: FunctionId, _: &Sizes) -> Result<String> {
        let found = self.graph.function(function);
        let found = found.ok_or_else(|| Error::graph("", None, "there is no such function"))?;
        Ok(format!("{} runs node by node: {} nodes", found.name, found.nodes.len()))
    }
}

/// A function with the sizes that it is called with.
struct Again<'r> {
    ready: &'r Ready,
    function: FunctionId,
    sizes: Sizes,
}

impl Prepared for Again<'_> {
    fn run(&mut self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<()> {
        let missing = || Error::graph("", None, "there is no such function");
        let function = self.ready.graph.function(self.function).ok_or_else(missing)?;
        let mut tensors = Vec::new();
        for (bytes, kind) in inputs.iter().zip(function.input_types()) {
            let mut buffer = Buffer::new(bytes.len()).ok_or_else(missing)?;
            buffer.bytes_mut().copy_from_slice(bytes);
            let sizes = kind.shape.evaluate(&self.sizes).ok_or_else(missing)?;
            tensors.push(Data::from_storage(kind.dtype, sizes, Arc::new(buffer))?);
        }
        for (place, data) in outputs.iter_mut().zip(self.ready.run(self.function, tensors, &self.sizes)?) {
            if place.len() != data.bytes().len() {
                return Err(Error::graph(
                    &function.name,
                    None,
                    "an output has another size than the memory for it",
                ));
            }
            place.copy_from_slice(data.bytes());
        }
        Ok(())
    }
}

/// The error at the place in user code: what a composition of the framework runs stands where the composition was called.
fn at_user_code(error: Error, frames: &[Frame<'_>]) -> Error {
    let frame = frames.iter().rev().find(|frame| is_theirs(frame.function));
    match (error, frame.and_then(|frame| frame.function.nodes.get(frame.next))) {
        (Error::Check { message, .. }, Some(node)) => {
            Error::Check { message, location: node.location.clone() }
        }
        (error, _) => error,
    }
}

/// The layer that runs, and the place in user code.
fn place(frames: &[Frame<'_>]) -> (String, Location) {
    let scope = frames.iter().rev().find_map(|frame| scope_of(&frame.function.origin));
    let theirs = frames.iter().rev().find(|frame| is_theirs(frame.function));
    let node = theirs.and_then(|frame| frame.function.nodes.get(frame.next));
    let location = node.map(|node| node.location.clone());
    (scope.unwrap_or_default(), location.unwrap_or_else(|| Location::new("", 0, 0)))
}

struct Run<'a, 'w> {
    ready: &'a Ready,
    sizes: &'a Sizes,
    /// What variables hold once the function has run.
    assigned: BTreeMap<VariableId, Data>,
    watcher: Option<&'a mut Watcher<'w>>,
}

/// A function that is being run.
struct Frame<'a> {
    function: &'a Function,
    last_uses: &'a LastUses,
    /// The values that are still used.
    values: Vec<Option<Data>>,
    next: usize,
    /// The call, loop or branch at `next` that is being run.
    control: Option<Control>,
}

impl<'a> Frame<'a> {
    fn new(ready: &'a Ready, id: FunctionId, inputs: Vec<Data>) -> Option<Self> {
        let (function, last_uses) = (ready.graph.function(id)?, ready.last_uses.get(id.index())?);
        let values = vec![None; function.values.len()];
        let mut frame = Self { function, last_uses, values, next: 0, control: None };
        for ((_, value), input) in function.inputs.iter().zip(inputs) {
            frame.put(*value, input);
        }
        Some(frame)
    }

    fn get(&self, values: &[ValueId]) -> Result<Vec<Data>> {
        let get = |value: &ValueId| self.values.get(value.index()).cloned().flatten();
        values
            .iter()
            .map(get)
            .collect::<Option<_>>()
            .ok_or_else(|| self.broken("it uses a value that is not there"))
    }

    /// The operands of the node at `next`; those that nothing uses later are let go of.
    fn take(&mut self, node: &Node) -> Result<Vec<Data>> {
        let operands = self.get(&node.operands)?;
        for &value in &node.operands {
            if self.last_uses.is_last(value, self.next) {
                self.values[value.index()] = None;
            }
        }
        Ok(operands)
    }

    fn put(&mut self, value: ValueId, data: Data) {
        if self.last_uses.is_used(value) {
            self.values[value.index()] = Some(data);
        }
    }

    fn put_results(&mut self, node: &Node, results: Vec<Data>) {
        for (&value, result) in node.results.iter().zip(results) {
            self.put(value, result);
        }
    }

    /// Goes on with what the node at `next` does: gives the function that runs now, or puts the results.
    fn follow(&mut self, control: Control, step: Step, ready: &'a Ready) -> Result<Option<Frame<'a>>> {
        match step {
            Step::Run(callee, inputs) => {
                let callee = Frame::new(ready, callee, inputs);
                let callee = callee.ok_or_else(|| self.broken("there is no such function"))?;
                self.control = Some(control);
                Ok(Some(callee))
            }
            Step::Done(results) => {
                let function = self.function;
                if let Some(node) = function.nodes.get(self.next) {
                    self.put_results(node, results);
                }
                self.next += 1;
                Ok(None)
            }
        }
    }

    fn broken(&self, message: &str) -> Error {
        Error::graph(&self.function.name, Some(self.next), message)
    }
}

impl Run<'_, '_> {
    /// Runs a function; what it runs in turn is kept on a list, so that no depth of calls and loops exhausts the stack.
    fn call(&mut self, function: FunctionId, inputs: Vec<Data>) -> Result<Vec<Data>> {
        let ready = self.ready;
        let graph = ready.graph.as_ref();
        let missing = || Error::graph("", None, "there is no such function");
        let mut frames = vec![Frame::new(ready, function, inputs).ok_or_else(missing)?];
        loop {
            let Some(frame) = frames.last_mut() else { return Err(missing()) };
            let Some(node) = frame.function.nodes.get(frame.next) else {
                let outputs = frame.get(&frame.function.outputs)?;
                frames.pop();
                let Some(caller) = frames.last_mut() else { return Ok(outputs) };
                let Some(mut control) = caller.control.take() else { return Err(missing()) };
                let step = control.resume(outputs)?;
                if let Some(callee) = caller.follow(control, step, ready)? {
                    frames.push(callee);
                }
                continue;
            };
            let operands = frame.take(node)?;
            let seen = self.watcher.as_mut().map(|watcher| {
                watcher.before(node, &operands);
                operands.clone()
            });
            let results = match &node.operation {
                Operation::Op(op) => {
                    let types = node.results.iter().filter_map(|value| frame.function.value_type(*value));
                    match run_kernel(Kernels::Reference, op, &operands, types, self.sizes, &node.location) {
                        Ok(results) => results,
                        Err(error) => return Err(at_user_code(error, &frames)),
                    }
                }
                Operation::Constant(id) => {
                    let constant = graph.constants.get(id.index()).cloned();
                    vec![constant.ok_or_else(|| frame.broken("there is no such constant"))?]
                }
                Operation::Read(id) => vec![self.read(*id, frame)?],
                Operation::Assign(id) => {
                    self.assigned.extend(operands.into_iter().map(|data| (*id, data)));
                    Vec::new()
                }
                control => {
                    let types = node.results.iter().filter_map(|value| frame.function.value_type(*value));
                    let types: Vec<_> = types.collect();
                    let (control, step) =
                        Control::start(control, operands, &types, self.sizes, &node.location)?;
                    if let Some(callee) = frame.follow(control, step, ready)? {
                        frames.push(callee);
                    }
                    continue;
                }
            };
            if let (Some(watcher), Some(seen)) = (&mut self.watcher, seen) {
                watcher.after(node, &seen, &results, || place(&frames));
            }
            if let Some(frame) = frames.last_mut() {
                frame.put_results(node, results);
                frame.next += 1;
            }
        }
    }

    fn read(&self, id: VariableId, frame: &Frame<'_>) -> Result<Data> {
        if let Some(data) = self.assigned.get(&id) {
            return Ok(data.clone());
        }
        let variable = self.ready.variables.get(id.index());
        variable.ok_or_else(|| frame.broken("there is no such variable"))?.data()
    }
}
