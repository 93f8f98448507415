//! Calls that are made many times with the same sizes.

use std::sync::{Arc, PoisonError};

use super::Ready;
use super::outside::Outside;
use super::plan::Plan;
use super::run::Frame;
use super::state::State;
use crate::error::Result;
use crate::exec::Prepared;
use crate::graph::FunctionId;
use crate::tensor::Sizes;

/// A plan with memory of its own.
pub(super) struct Call<'r> {
    ready: &'r Ready,
    plan: Arc<Plan>,
    /// The memory, while no call runs.
    state: Option<State>,
    sizes: Sizes,
    assigns: bool,
}

impl<'r> Call<'r> {
    pub fn new(ready: &'r Ready, function: FunctionId, sizes: &Sizes) -> Result<Self> {
        let plan = ready.plan(function, true, sizes)?;
        let state = Some(State::new(&plan)?);
        let assigns = ready.inlining.assigns.get(function.index()).copied().unwrap_or(false);
        Ok(Self { ready, plan, state, sizes: sizes.clone(), assigns })
    }
}

impl Prepared for Call<'_> {
    fn run(&mut self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<()> {
        let lock = || self.ready.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let _alone = self.assigns.then(lock);
        let state = self.state.take().map_or_else(|| State::new(&self.plan), Ok)?;
        let mut frame = Frame::new(self.plan.clone(), state, Outside::Caller { inputs, outputs });
        let result = self.ready.call(&mut frame, &self.sizes);
        let mut state = frame.state;
        state.clear(&self.plan);
        self.state = Some(state);
        result.map(|_| ())
    }
}
