//! Running plans.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::Ready;
use super::kept::Kept;
use super::outside::Outside;
use super::plan::{Plan, Step, Task};
use super::profile;
use super::state::{Held, State, broken};
use crate::error::{Error, Location, Result};
use crate::exec::control::{self, Control};
use crate::graph::{FunctionId, Kernels, VariableId, run_kernel, variables_epoch};
use crate::sorted;
use crate::tensor::{Data, Shape, Sizes, TensorType};

/// A plan that is being run.
pub(super) struct Frame<'a, 'b> {
    pub kept: Arc<Kept>,
    pub live: Live<'a, 'b>,
}

/// How far a call of a plan has come, and what it works on.
pub(super) struct Live<'a, 'b> {
    pub state: State,
    outside: Outside<'a, 'b>,
    next: usize,
    /// The call, loop or branch at `next` that is being run.
    control: Option<Control>,
}

impl<'a, 'b> Frame<'a, 'b> {
    pub fn new(kept: Arc<Kept>, state: State, outside: Outside<'a, 'b>) -> Self {
        Self { kept, live: Live { state, outside, next: 0, control: None } }
    }
}

impl Live<'_, '_> {
    fn operands(&self, plan: &Plan, step: &Step) -> Result<Vec<Data>> {
        let kinds = step.reads.iter().zip(&step.kinds);
        kinds.map(|(id, kind)| self.state.data(plan, *id, kind, &self.outside)).collect()
    }

    /// The outputs, once the last step is done; none where they lie where they are wanted already.
    fn outputs(&mut self, plan: &Plan) -> Result<Vec<Data>> {
        // One that comes out twice is copied before it is given away.
        let mut others = Vec::new();
        for (index, (id, kind)) in plan.outputs.iter().enumerate() {
            if plan.is_in_place(index) {
                continue;
            }
            let data = self.state.data(plan, *id, kind, &self.outside)?;
            let Outside::Caller { outputs, .. } = &mut self.outside else {
                others.push(data);
                continue;
            };
            let place = outputs.get_mut(index).filter(|place| place.len() == data.bytes().len());
            place.ok_or_else(broken)?.copy_from_slice(data.bytes());
        }
        match &mut self.outside {
            Outside::Own { outputs, .. } => plan.put_together(std::mem::take(outputs), others),
            Outside::Lent { .. } => Ok(others),
            Outside::Caller { .. } => Ok(Vec::new()),
        }
    }

    fn done(&mut self, step: &Step) {
        self.state.let_go(&step.drops);
        self.next += 1;
    }
}

/// Makes the steps behind those that read variables, of a plan that is direct; false, and nothing is done, if what the variables hold
/// is not at hand.
pub(super) fn run_direct(plan: &Plan, state: &mut State, outside: &mut Outside<'_, '_>) -> Result<bool> {
    if state.epoch != variables_epoch() || profile::is_on() {
        return Ok(false);
    }
    for step in plan.steps.iter().skip(plan.held) {
        let Task::Job(job) = &step.task else { return Err(broken()) };
        state.job(plan, step, job.as_ref(), &mut [], outside)?;
        state.let_go(&step.drops);
    }
    Ok(true)
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
                    self.ready.give_back(&ended.kept, ended.live.state);
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
        let Frame { kept, live } = frame;
        let plan = &kept.plan;
        let profiled = profile::is_on();
        if live.next == 0 && !profiled {
            self.read_held(plan, live)?;
        }
        while let Some(step) = plan.steps.get(live.next) {
            let start = profiled.then(Instant::now);
            let entered = self.step(live, plan, step)?;
            if let Some(start) = start {
                profile::end(start, plan, step);
            }
            if let Some(callee) = entered {
                return Ok(Advance::Enter(Box::new(callee)));
            }
        }
        live.outputs(plan).map(Advance::Ended)
    }

    /// Makes the first steps, which read variables that stay at hand: nothing is asked of each of them if no variable of the
    /// process may have changed since.
    fn read_held(&mut self, plan: &Plan, live: &mut Live<'_, '_>) -> Result<()> {
        let now = variables_epoch();
        let unassigned = self.assigned.is_empty();
        if unassigned && live.state.epoch == now {
            live.next = plan.held;
            return Ok(());
        }
        live.state.epoch = 0;
        while let Some(step) = plan.steps.get(live.next).filter(|_| live.next < plan.held) {
            self.step(live, plan, step)?;
        }
        if unassigned {
            live.state.epoch = now;
        }
        Ok(())
    }

    fn resume(
        &self,
        frame: &mut Frame<'_, '_>,
        outputs: Vec<Data>,
    ) -> Result<Option<Frame<'static, 'static>>> {
        let Frame { kept, live } = frame;
        let mut control = live.control.take().ok_or_else(broken)?;
        let next = control.resume(outputs)?;
        self.follow(live, &kept.plan, control, next)
    }

    fn enter(&self, function: FunctionId, inputs: Vec<Data>) -> Result<Frame<'static, 'static>> {
        self.ready.frame(function, false, inputs, self.sizes)
    }

    /// Does a step; gives the function that runs now, if the step runs one.
    fn step(
        &mut self,
        live: &mut Live<'_, '_>,
        plan: &Plan,
        step: &Step,
    ) -> Result<Option<Frame<'static, 'static>>> {
        match &step.task {
            Task::Job(job) => {
                if !step.in_place.is_empty() && self.held.is_empty() {
                    self.hold(plan)?;
                }
                live.state.job(plan, step, job.as_ref(), &mut self.held, &mut live.outside)?;
            }
            Task::Kernel(op) => {
                let operands = live.operands(plan, step)?;
                let types = types(plan, step);
                let nowhere = Location::new("", 0, 0);
                let location = step.location.as_ref().unwrap_or(&nowhere);
                let results = run_kernel(Kernels::Element, op, &operands, &types, &Sizes::new(), location)?;
                live.state.put(plan, &step.writes, results);
            }
            Task::Read(variable) => {
                let slot = step.writes.first().and_then(|id| plan.slot(*id)).ok_or_else(broken)?;
                if let Some(data) = self.assigned.get(variable) {
                    live.state.keep(slot, data.clone(), 0);
                } else {
                    let variable = self.ready.variable(*variable)?;
                    if !live.state.holds(slot, variable.version()) {
                        let (data, version) = variable.versioned()?;
                        live.state.keep(slot, data, version);
                    }
                }
            }
            Task::Assign(variable) => {
                let data = live.operands(plan, step)?;
                self.assigned.extend(data.into_iter().map(|data| (*variable, data)));
            }
            Task::Control(operation) => {
                let operands = live.operands(plan, step)?;
                let types = types(plan, step);
                let types: Vec<_> = types.iter().collect();
                let nowhere = Location::new("", 0, 0);
                let location = step.location.as_ref().unwrap_or(&nowhere);
                let (control, next) = Control::start(operation, operands, &types, self.sizes, location)?;
                return self.follow(live, plan, control, next);
            }
            Task::Fail(error) => return Err(error.as_ref().clone()),
        }
        live.done(step);
        Ok(None)
    }

    /// Takes hold of the variables that the plan changes where they lie, always in the same order, so that no two calls wait
    /// for each other.
    fn hold(&mut self, plan: &Plan) -> Result<()> {
        let variables = plan.exclusive.iter().map(|id| Ok((*id, self.ready.variable(*id)?)));
        let mut variables = variables.collect::<Result<Vec<_>>>()?;
        sorted::sort_by_key(&mut variables, |(_, variable)| variable.identity());
        self.held = variables.into_iter().map(|(id, variable)| (id, variable.exclusive())).collect();
        Ok(())
    }

    /// Goes on with what a step runs: gives the function that runs now, or puts the results.
    fn follow(
        &self,
        live: &mut Live<'_, '_>,
        plan: &Plan,
        control: Control,
        next: control::Step,
    ) -> Result<Option<Frame<'static, 'static>>> {
        match next {
            control::Step::Run(callee, inputs) => {
                live.control = Some(control);
                self.enter(callee, inputs).map(Some)
            }
            control::Step::Done(results) => {
                if let Some(step) = plan.steps.get(live.next) {
                    live.state.put(plan, &step.writes, results);
                    live.done(step);
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
    let place = |frame: &Frame<'_, '_>| {
        frame.kept.plan.steps.get(frame.live.next).and_then(|step| step.location.clone())
    };
    let place = callees.iter().rev().find_map(place).or_else(|| place(root));
    match (error, place) {
        (Error::Check { message, .. }, Some(location)) => Error::Check { message, location },
        (error, _) => error,
    }
}
