//! Running plans.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Ready;
use super::lowered::Id;
use super::outside::Outside;
use super::plan::{Place, Plan, Step, Task};
use super::profile;
use super::state::{Held, State, broken};
use crate::error::{Error, Location, Result};
use crate::exec::control::{self, Control};
use crate::graph::{FunctionId, Kernels, VariableId, run_kernel};
use crate::tensor::{Data, Shape, Sizes, TensorType};

/// A plan that is being run.
pub(super) struct Frame<'a, 'b> {
    pub plan: Arc<Plan>,
    pub state: State,
    outside: Outside<'a, 'b>,
    next: usize,
    /// The call, loop or branch at `next` that is being run.
    control: Option<Control>,
}

impl<'a, 'b> Frame<'a, 'b> {
    pub fn new(plan: Arc<Plan>, state: State, outside: Outside<'a, 'b>) -> Self {
        let mut frame = Self { plan, state, outside, next: 0, control: None };
        if let Outside::Own { inputs, .. } = &frame.outside {
            for (id, data) in frame.plan.inputs.iter().zip(inputs) {
                if let Some(Place::Slot(slot)) = frame.plan.places.get(id.index()) {
                    frame.state.slots[*slot] = Some(data.clone());
                }
            }
        }
        frame
    }

    fn operands(&self, step: &Step) -> Result<Vec<Data>> {
        let kinds = step.reads.iter().zip(&step.kinds);
        kinds.map(|(id, kind)| self.state.data(&self.plan, *id, kind, &self.outside)).collect()
    }

    /// The outputs, once the last step is done; none where they lie with the caller already.
    fn outputs(&mut self) -> Result<Vec<Data>> {
        let plan = self.plan.clone();
        let in_place = |index: usize, id: Id| plan.places.get(id.index()) == Some(&Place::Output(index));
        // One that comes out twice is copied before it is given away.
        let mut others = Vec::new();
        for (index, (id, kind)) in plan.outputs.iter().enumerate() {
            if in_place(index, *id) {
                continue;
            }
            let data = self.state.data(&plan, *id, kind, &self.outside)?;
            if let Outside::Own { .. } = self.outside {
                others.push(data);
                continue;
            }
            let place = self.outside.output_mut(index).filter(|place| place.len() == data.bytes().len());
            place.ok_or_else(broken)?.copy_from_slice(data.bytes());
        }
        let Outside::Own { outputs: buffers, .. } = &mut self.outside else { return Ok(Vec::new()) };
        let (mut buffers, mut others) = (std::mem::take(buffers).into_iter(), others.into_iter());
        let mut outputs = Vec::with_capacity(plan.outputs.len());
        for (index, (id, kind)) in plan.outputs.iter().enumerate() {
            let buffer = buffers.next().ok_or_else(broken)?;
            outputs.push(if in_place(index, *id) {
                Data::from_storage(kind.dtype, kind.sizes.clone(), Arc::new(buffer))?
            } else {
                others.next().ok_or_else(broken)?
            });
        }
        Ok(outputs)
    }

    fn done(&mut self, step: &Step) {
        for slot in &step.drops {
            self.state.slots[*slot] = None;
        }
        self.next += 1;
    }
}

/// A call from outside.
pub(super) struct Run<'a> {
    pub ready: &'a Ready,
    pub sizes: &'a Sizes,
    /// What variables hold once the call has ended.
    pub assigned: BTreeMap<VariableId, Data>,
    /// The variables that are changed where they lie, from the first step that does so to the end of the call.
    pub held: Vec<Held<'a>>,
}

impl Run<'_> {
    /// Runs a function; what it runs in turn is kept on a list, so that no depth of loops exhausts the stack.
    ///
    /// Gives the outputs, unless they lie with the caller.
    pub fn call(&mut self, root: &mut Frame<'_, '_>) -> Result<Vec<Data>> {
        let mut callees: Vec<Frame<'static, 'static>> = Vec::new();
        loop {
            let ended = match callees.last_mut() {
                Some(frame) => self.advance(frame).map_err(|error| at_user_code(error, root, &callees))?,
                None => self.advance(root).map_err(|error| at_user_code(error, root, &callees))?,
            };
            match ended {
                Advance::Enter(callee) => callees.push(*callee),
                Advance::Ended(outputs) => {
                    let Some(ended) = callees.pop() else { return Ok(outputs) };
                    self.ready.give_back(&ended.plan, ended.state);
                    let entered = match callees.last_mut() {
                        Some(caller) => self.resume(caller, outputs)?,
                        None => self.resume(root, outputs)?,
                    };
                    callees.extend(entered);
                }
            }
        }
    }

    /// Runs a plan until it runs a function or ends.
    fn advance(&mut self, frame: &mut Frame<'_, '_>) -> Result<Advance> {
        let plan = frame.plan.clone();
        while let Some(step) = plan.steps.get(frame.next) {
            let start = profile::start();
            let entered = self.step(frame, &plan, step)?;
            profile::end(start, &plan, step);
            if let Some(callee) = entered {
                return Ok(Advance::Enter(Box::new(callee)));
            }
        }
        frame.outputs().map(Advance::Ended)
    }

    fn resume(
        &self,
        frame: &mut Frame<'_, '_>,
        outputs: Vec<Data>,
    ) -> Result<Option<Frame<'static, 'static>>> {
        let mut control = frame.control.take().ok_or_else(broken)?;
        let next = control.resume(outputs)?;
        self.follow(frame, control, next)
    }

    fn enter(&self, function: FunctionId, inputs: Vec<Data>) -> Result<Frame<'static, 'static>> {
        self.ready.frame(function, false, inputs, self.sizes)
    }

    /// Does a step; gives the function that runs now, if the step runs one.
    fn step(
        &mut self,
        frame: &mut Frame<'_, '_>,
        plan: &Plan,
        step: &Step,
    ) -> Result<Option<Frame<'static, 'static>>> {
        match &step.task {
            Task::Job(job) => {
                if !step.in_place.is_empty() && self.held.is_empty() {
                    self.hold(plan)?;
                }
                frame.state.job(plan, step, job.as_ref(), &mut self.held, &mut frame.outside)?;
            }
            Task::Kernel(op) => {
                let operands = frame.operands(step)?;
                let types = types(plan, step);
                let nowhere = Location::new("", 0, 0);
                let location = step.location.as_ref().unwrap_or(&nowhere);
                let results = run_kernel(Kernels::Element, op, &operands, &types, &Sizes::new(), location)?;
                frame.state.put(plan, &step.writes, results);
            }
            Task::Read(variable) => {
                let slot = step.writes.first().and_then(|id| plan.slot(*id)).ok_or_else(broken)?;
                if let Some(data) = self.assigned.get(variable) {
                    frame.state.keep(slot, data.clone(), 0);
                } else {
                    let variable = self.ready.variable(*variable)?;
                    if !frame.state.holds(slot, variable.version()) {
                        let (data, version) = variable.versioned()?;
                        frame.state.keep(slot, data, version);
                    }
                }
            }
            Task::Assign(variable) => {
                let data = frame.operands(step)?;
                self.assigned.extend(data.into_iter().map(|data| (*variable, data)));
            }
            Task::Control(operation) => {
                let operands = frame.operands(step)?;
                let types = types(plan, step);
                let types: Vec<_> = types.iter().collect();
                let nowhere = Location::new("", 0, 0);
                let location = step.location.as_ref().unwrap_or(&nowhere);
                let (control, next) = Control::start(operation, operands, &types, self.sizes, location)?;
                return self.follow(frame, control, next);
            }
            Task::Fail(error) => return Err(error.as_ref().clone()),
        }
        frame.done(step);
        Ok(None)
    }

    /// Takes hold of the variables that the plan changes where they lie, always in the same order, so that no two calls wait
    /// for each other.
    fn hold(&mut self, plan: &Plan) -> Result<()> {
        let variables = plan.exclusive.iter().map(|id| Ok((*id, self.ready.variable(*id)?)));
        let mut variables = variables.collect::<Result<Vec<_>>>()?;
        variables.sort_by_key(|(_, variable)| variable.identity());
        self.held = variables.into_iter().map(|(id, variable)| (id, variable.exclusive())).collect();
        Ok(())
    }

    /// Goes on with what a step runs: gives the function that runs now, or puts the results.
    fn follow(
        &self,
        frame: &mut Frame<'_, '_>,
        control: Control,
        next: control::Step,
    ) -> Result<Option<Frame<'static, 'static>>> {
        match next {
            control::Step::Run(callee, inputs) => {
                frame.control = Some(control);
                self.enter(callee, inputs).map(Some)
            }
            control::Step::Done(results) => {
                let plan = frame.plan.clone();
                if let Some(step) = plan.steps.get(frame.next) {
                    frame.state.put(&plan, &step.writes, results);
                    frame.done(step);
                }
                Ok(None)
            }
        }
    }
}

/// How far a plan has come.
enum Advance {
    /// A function runs now.
    Enter(Box<Frame<'static, 'static>>),
    /// All steps are done.
    Ended(Vec<Data>),
}

fn types(plan: &Plan, step: &Step) -> Vec<TensorType> {
    let kinds = step.writes.iter().filter_map(|id| plan.kinds.get(id.index()));
    kinds.map(|kind| TensorType::new(kind.dtype, Shape::from(kind.sizes.as_slice()))).collect()
}

/// The error at the place in user code: what a composition of the framework runs stands where the composition was called.
fn at_user_code(error: Error, root: &Frame<'_, '_>, callees: &[Frame<'_, '_>]) -> Error {
    let place =
        |frame: &Frame<'_, '_>| frame.plan.steps.get(frame.next).and_then(|step| step.location.clone());
    let place = callees.iter().rev().find_map(place).or_else(|| place(root));
    match (error, place) {
        (Error::Check { message, .. }, Some(location)) => Error::Check { message, location },
        (error, _) => error,
    }
}
