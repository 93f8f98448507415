//! Calls that are made many times with the same sizes.

use std::sync::Arc;

use super::kept::Kept;
use super::outside::Outside;
use super::plan::Task;
use super::run::Frame;
use super::state::{State, broken};
use super::{Ready, profile};
use crate::error::Result;
use crate::exec::Prepared;
use crate::graph::{FunctionId, variables_epoch};
use crate::tensor::Sizes;

/// A plan with memory of its own.
pub(super) struct Call<'r> {
    ready: &'r Ready,
    kept: Arc<Kept>,
    /// The memory, while no call runs.
    state: Option<State>,
    /// Whether steps need nothing but that memory, once the variables are at hand.
    direct: bool,
}

impl<'r> Call<'r> {
    pub fn new(ready: &'r Ready, function: FunctionId, sizes: &Sizes) -> Result<Self> {
        let kept = ready.plan(function, true, sizes)?;
        let state = Some(State::new(&kept.plan)?);
        let direct = kept.plan.is_direct();
        Ok(Self { ready, kept, state, direct })
    }

    /// Makes the steps behind those that read variables; false if that is not all there is to do.
    fn run_direct(&mut self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<bool> {
        let (plan, state) = (&self.kept.plan, self.state.as_mut().filter(|_| self.direct));
        let Some(state) = state.filter(|state| state.epoch == variables_epoch() && !profile::is_on()) else {
            return Ok(false);
        };
        let mut outside = Outside::Caller { inputs, outputs };
        for step in plan.steps.iter().skip(plan.held) {
            let Task::Job(job) = &step.task else { return Err(broken()) };
            state.job(plan, step, job.as_ref(), &mut [], &mut outside)?;
            state.let_go(&step.drops);
        }
        Ok(true)
    }
}

impl Prepared for Call<'_> {
    fn run(&mut self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<()> {
        if self.run_direct(inputs, outputs)? {
            return Ok(());
        }
        let _alone = self.ready.alone(self.kept.function);
        let state = self.state.take().map_or_else(|| State::new(&self.kept.plan), Ok)?;
        let mut frame = Frame::new(self.kept.clone(), state, Outside::Caller { inputs, outputs });
        let result = self.ready.call(&mut frame, &self.kept.sizes);
        let mut state = frame.live.state;
        state.clear(&self.kept.plan);
        self.state = Some(state);
        result.map(|_| ())
    }
}
