//! The compiled executor: a function is specialised for the sizes of a call, and its plan is kept.

mod arena;
mod behind;
mod build;
mod chain;
mod eager;
mod early;
mod explain;
mod groups;
mod in_place;
mod inline;
mod jobs;
mod lowered;
mod memory;
mod outside;
mod plan;
mod prepared;
mod profile;
mod run;
mod simplify;
mod state;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) use inline::is_theirs;
use inline::{Inlining, flatten};
use jobs::Packs;
use lowered::Kind;
use outside::Outside;
use plan::Plan;
use run::{Frame, Run};
use state::{State, broken};

use super::{Executor, Prepared, Runnable, check_variables};
use crate::error::{Location, Result};
use crate::graph::{DynOp, FunctionId, Graph, Kernels, Variable, VariableId, run_kernel};
use crate::tensor::{Data, Shape, Sizes, TensorType};

/// So many plans are kept; of more, those that were used last.
const MOST_PLANS: usize = 256;
/// The memory of so many calls of one plan is kept for the next.
const MOST_STATES: usize = 8;
/// So many bytes are kept for plans other than the one that ran last.
const MOST_BYTES: usize = 1 << 28;

/// Specialises functions for the sizes they are called with: calls are inlined, constants folded, what belongs together runs
/// as one, and values share memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compiled;

impl Executor for Compiled {
    fn prepare(&self, graph: Arc<Graph>, variables: Vec<Variable>) -> Result<Box<dyn Runnable>> {
        check_variables(&graph, &variables)?;
        let inlining = Inlining::of(&graph);
        let identities: BTreeSet<u64> = variables.iter().map(Variable::identity).collect();
        let distinct = identities.len() == variables.len();
        Ok(Box::new(Ready {
            graph,
            variables,
            inlining,
            packs: Packs::default(),
            distinct,
            plans: Mutex::default(),
            one_at_a_time: Mutex::new(()),
        }))
    }
}

/// A plan with the sizes it was made for, and the memory of calls that have ended.
struct Kept {
    function: FunctionId,
    /// Whether it was called from outside, and not by a loop or branch.
    outside: bool,
    sizes: Sizes,
    plan: Arc<Plan>,
    states: Vec<State>,
}

struct Ready {
    graph: Arc<Graph>,
    variables: Vec<Variable>,
    inlining: Inlining,
    packs: Packs,
    /// Whether no variable stands under two numbers.
    distinct: bool,
    /// The plans that were used last, those of the last call at the end.
    plans: Mutex<Vec<Kept>>,
    /// Held while a function runs that assigns variables, so that no run loses what another one assigned.
    one_at_a_time: Mutex<()>,
}

impl Runnable for Ready {
    fn run(&self, function: FunctionId, inputs: Vec<Data>, sizes: &Sizes) -> Result<Vec<Data>> {
        let assigns = self.inlining.assigns.get(function.index()).copied().unwrap_or(false);
        let _alone = assigns.then(|| self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner));
        let mut frame = self.frame(function, true, inputs, sizes)?;
        let outputs = self.call(&mut frame, sizes);
        self.give_back(&frame.plan, frame.state);
        outputs
    }

    fn prepare(&self, function: FunctionId, sizes: &Sizes) -> Result<Box<dyn Prepared + '_>> {
        Ok(Box::new(prepared::Call::new(self, function, sizes)?))
    }

    fn explain(&self, function: FunctionId, sizes: &Sizes) -> Result<String> {
        Ok(self.plan(function, true, sizes)?.to_string())
    }
}

impl Ready {
    /// Runs a plan from outside; what it assigns takes effect when it has ended.
    fn call(&self, frame: &mut Frame<'_, '_>, sizes: &Sizes) -> Result<Vec<Data>> {
        let mut run = Run { ready: self, sizes, assigned: BTreeMap::new(), held: Vec::new() };
        let outputs = run.call(frame);
        profile::flush();
        let outputs = outputs?;
        let Run { assigned, held, .. } = run;
        drop(held);
        for (id, data) in assigned {
            self.variable(id)?.set(data)?;
        }
        Ok(outputs)
    }

    /// A call of a function with these inputs.
    fn frame(
        &self,
        function: FunctionId,
        outside: bool,
        inputs: Vec<Data>,
        sizes: &Sizes,
    ) -> Result<Frame<'static, 'static>> {
        let plan = self.plan(function, outside, sizes)?;
        let state = self.state(&plan)?;
        let outputs = plan.new_outputs().ok_or_else(broken)?;
        Ok(Frame::new(plan, state, Outside::Own { inputs, outputs }))
    }

    fn variable(&self, id: VariableId) -> Result<&Variable> {
        self.variables.get(id.index()).ok_or_else(broken)
    }

    /// The plan of a function for these sizes.
    fn plan(&self, function: FunctionId, outside: bool, sizes: &Sizes) -> Result<Arc<Plan>> {
        {
            let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
            let same =
                |kept: &Kept| kept.function == function && kept.outside == outside && kept.sizes == *sizes;
            let known = plans.iter().rposition(same);
            if let Some(known) = known {
                let last = plans.len() - 1;
                plans.swap(known, last);
                return Ok(plans[last].plan.clone());
            }
        }
        let mut lowered = flatten(&self.graph, &self.inlining, function, sizes)?;
        simplify::simplify(&mut lowered, &compute);
        early::advance(&mut lowered);
        let plan = Arc::new(build::build(lowered, &self.packs, self.distinct && outside));
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if plans.len() >= MOST_PLANS {
            plans.drain(..MOST_PLANS / 2);
        }
        plans.push(Kept { function, outside, sizes: sizes.clone(), plan: plan.clone(), states: Vec::new() });
        Ok(plan)
    }

    /// Memory for a call of a plan.
    fn state(&self, plan: &Arc<Plan>) -> Result<State> {
        let kept = {
            let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
            plans
                .iter_mut()
                .rev()
                .find(|kept| Arc::ptr_eq(&kept.plan, plan))
                .and_then(|kept| kept.states.pop())
        };
        kept.map_or_else(|| State::new(plan), Ok)
    }

    /// Keeps the memory of a call that has ended.
    fn give_back(&self, plan: &Arc<Plan>, mut state: State) {
        state.clear(plan);
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = plans.iter_mut().rev().find(|kept| Arc::ptr_eq(&kept.plan, plan))
            && kept.states.len() < MOST_STATES
        {
            kept.states.push(state);
        }
        // The plans that ran last stand at the end.
        let mut left = MOST_BYTES;
        for kept in plans.iter_mut().rev().filter(|kept| !Arc::ptr_eq(&kept.plan, plan)) {
            let bytes = kept.states.len().saturating_mul(kept.plan.arena);
            if bytes > left {
                kept.states.clear();
            } else {
                left -= bytes;
            }
        }
    }
}

/// The results of an op, if it has any for these operands.
fn compute(op: &Arc<dyn DynOp>, operands: &[Data], results: &[&Kind]) -> Option<Vec<Data>> {
    let types: Vec<_> =
        results.iter().map(|kind| TensorType::new(kind.dtype, Shape::from(kind.sizes.as_slice()))).collect();
    run_kernel(Kernels::Fast, op, operands, &types, &Sizes::new(), &Location::new("", 0, 0)).ok()
}
