//! Calls that are made many times with the same sizes.

use std::sync::Arc;

use super::Ready;
use super::kept::Kept;
use super::outside::Outside;
use super::run::{Frame, run_direct};
use super::state::State;
use crate::error::Result;
use crate::exec::Prepared;
use crate::graph::FunctionId;
use crate::tensor::Sizes;

/// A plan with memory of its own.
pub(super) struct Call<'r> {
    ready: &'r Ready,
    kept: Arc<Kept>,
    /// The memory, while no call runs.
    state: Option<State>,
}

impl<'r> Call<'r> {
    pub fn new(ready: &'r Ready, function: FunctionId, sizes: &Sizes) -> Result<Self> {
        let kept = ready.plan(function, true, sizes)?;
        let state = Some(State::new(&kept.plan)?);
        Ok(Self { ready, kept, state })
    }
}

impl Prepared for Call<'_> {
    fn run(&mut self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<()> {
        if let Some(state) = self.state.as_mut().filter(|_| self.kept.direct)
            && run_direct(&self.kept.plan, state, &mut Outside::Caller { inputs, outputs })?
        {
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
