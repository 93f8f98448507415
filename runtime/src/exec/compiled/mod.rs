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
mod kept;
mod lowered;
mod memory;
mod order;
mod outside;
mod peak;
mod plan;
mod prepared;
mod profile;
mod recompute;
mod run;
mod simplify;
mod state;
mod views;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrayvec::ArrayVec;
pub(super) use inline::is_theirs;
use inline::{Inlining, flatten};
use jobs::Packs;
use kept::{Kept, Plans};
use lowered::Kind;
use outside::Outside;
use run::{Frame, Run, run_direct};
use state::{State, broken};

use super::{Executor, Prepared, Route, Runnable, check_variables};
use crate::error::{Location, Result};
use crate::graph::{DynOp, FunctionId, Graph, Kernels, Variable, VariableId, run_kernel};
use crate::tensor::{Buffer, Data, Shape, Sizes, Tensor, TensorType};

/// A call with more outputs takes the long way.
const FEW_OUTPUTS: usize = 8;

/// Specialises functions for the sizes they are called with: calls are inlined, constants folded, what belongs together runs
/// as one, and values share memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compiled;

impl Executor for Compiled {
    fn prepare(&self, graph: Arc<Graph>, variables: Vec<Variable>) -> Result<Box<dyn Runnable>> {
        check_variables(&graph, &variables)?;
        let inlining = Inlining::of(&graph);
        let identities = crate::sorted::set(variables.iter().map(Variable::identity));
        let distinct = identities.len() == variables.len();
        Ok(Box::new(Ready {
            graph,
            variables,
            inlining,
            packs: Packs::default(),
            distinct,
            plans: Plans::default(),
            one_at_a_time: Mutex::new(()),
        }))
    }
}

struct Ready {
    graph: Arc<Graph>,
    variables: Vec<Variable>,
    inlining: Inlining,
    packs: Packs,
    /// Whether no variable stands under two numbers.
    distinct: bool,
    plans: Plans,
    /// Held while a function runs that assigns variables, so that no run loses what another one assigned.
    one_at_a_time: Mutex<()>,
}

impl Runnable for Ready {
    fn run(&self, function: FunctionId, inputs: Vec<Data>, sizes: &Sizes) -> Result<Vec<Data>> {
        let _alone = self.alone(function);
        let mut frame = self.frame(function, true, inputs, sizes)?;
        let outputs = self.call(&mut frame, sizes);
        self.give_back(&frame.kept, frame.live.state);
        outputs
    }

    fn route(&self, function: FunctionId, sizes: &Sizes) -> Result<Route> {
        Ok(Route::new(function, sizes).with(self.plan(function, true, sizes)?))
    }

    fn run_route(&self, route: &Route, inputs: &[&Data]) -> Result<Vec<Tensor>> {
        let kept = route.found::<Arc<Kept>>().filter(|kept| kept.plan.outputs.len() <= FEW_OUTPUTS);
        let Some(kept) = kept else {
            let inputs = inputs.iter().copied().cloned().collect();
            let outputs = self.run(route.function, inputs, &route.sizes)?;
            return Ok(outputs.into_iter().map(Tensor::from_data).collect());
        };
        let mut state = kept.state()?;
        let mut buffers: ArrayVec<Buffer, FEW_OUTPUTS> = ArrayVec::new();
        for buffer in kept.plan.new_outputs() {
            buffers.push(buffer.ok_or_else(broken)?);
        }
        let mut outside = Outside::Lent { inputs, outputs: &mut buffers };
        if kept.direct && run_direct(&kept.plan, &mut state, &mut outside)? {
            self.give_back(kept, state);
            return kept.plan.put_together(buffers, Vec::new());
        }
        let _alone = self.alone(kept.function);
        let mut frame = Frame::new(kept.clone(), state, outside);
        let others = self.call(&mut frame, &route.sizes);
        let state = frame.live.state;
        self.give_back(kept, state);
        kept.plan.put_together(buffers, others?)
    }

    fn prepare(&self, function: FunctionId, sizes: &Sizes) -> Result<Box<dyn Prepared + '_>> {
        Ok(Box::new(prepared::Call::new(self, function, sizes)?))
    }

    fn explain(&self, function: FunctionId, sizes: &Sizes) -> Result<String> {
        Ok(self.plan(function, true, sizes)?.plan.to_string())
    }
}

impl Ready {
    /// The right to run a function that assigns variables; nothing if it assigns none.
    fn alone(&self, function: FunctionId) -> Option<MutexGuard<'_, ()>> {
        let assigns = self.inlining.assigns.get(function.index()).copied().unwrap_or(false);
        assigns.then(|| self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner))
    }

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
        let kept = self.plan(function, outside, sizes)?;
        let state = kept.state()?;
        let outputs: Option<Vec<Buffer>> = kept.plan.new_outputs().collect();
        Ok(Frame::new(kept, state, Outside::Own { inputs, outputs: outputs.ok_or_else(broken)? }))
    }

    fn variable(&self, id: VariableId) -> Result<&Variable> {
        self.variables.get(id.index()).ok_or_else(broken)
    }

    /// The plan of a function for these sizes.
    fn plan(&self, function: FunctionId, outside: bool, sizes: &Sizes) -> Result<Arc<Kept>> {
        if let Some(known) = self.plans.find(function, outside, sizes) {
            return Ok(known);
        }
        let mut lowered = flatten(&self.graph, &self.inlining, function, sizes)?;
        simplify::simplify(&mut lowered, &compute);
        early::advance(&mut lowered);
        recompute::recompute(&mut lowered);
        let plan = build::build(lowered, &self.packs, self.distinct && outside);
        let kept = Arc::new(Kept::new(function, outside, sizes.clone(), plan));
        self.plans.keep(&kept);
        Ok(kept)
    }

    /// Keeps the memory of a call that has ended.
    fn give_back(&self, kept: &Arc<Kept>, state: State) {
        kept.give_back(state);
        self.plans.ran(kept);
    }
}

/// The results of an op, if it has any for these operands.
fn compute(op: &Arc<dyn DynOp>, operands: &[Data], results: &[&Kind]) -> Option<Vec<Data>> {
    let types: Vec<_> =
        results.iter().map(|kind| TensorType::new(kind.dtype, Shape::from(kind.sizes.as_slice()))).collect();
    run_kernel(Kernels::Fast, op, operands, &types, &Sizes::new(), &Location::new("", 0, 0)).ok()
}
