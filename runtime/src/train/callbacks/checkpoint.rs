//! Saving the run again and again while it learns.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::super::checkpoints::{CheckpointManager, CheckpointRecord};
use super::super::history::Metrics;
use super::callback::Callback;
use super::moment::Moment;
use crate::error::{Error, Result};
use crate::store::Snapshot;
use crate::tensor::Document;

/// What happens to a checkpoint that is due while the one before is still being written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Busy {
    /// Training waits until that one is there.
    #[default]
    Wait,
    /// It is left out, and the next one is taken when it is due.
    Skip,
}

/// Saves the run as a checkpoint after every so many epochs, steps or minutes, while training goes on.
///
/// The values are those of the moment at which the checkpoint was due, with what all callbacks remember of it; they are written on a
/// thread of their own. A checkpoint that cannot be written is a [warning](crate::train::History::warnings): training goes on, and the
/// checkpoints before stay. The end of a fit waits for the last one. See [`CheckpointManager`] for an example.
pub struct Checkpoint {
    manager: CheckpointManager,
    epochs: Option<u64>,
    steps: Option<u64>,
    time: Option<Duration>,
    busy: Busy,
    is_synchronous: bool,
    taken: Taken,
    last: Instant,
    /// What the run reports where a checkpoint is due.
    due: Option<Metrics>,
    writer: Option<JoinHandle<Result<CheckpointRecord>>>,
    written: Option<CheckpointRecord>,
}

/// How many epochs and steps have been taken since the last checkpoint that they made due.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Taken {
    epochs: u64,
    steps: u64,
}

impl Checkpoint {
    /// A checkpoint after each epoch, unless something else is said.
    pub fn new(manager: CheckpointManager) -> Self {
        Self {
            manager,
            epochs: None,
            steps: None,
            time: None,
            busy: Busy::default(),
            is_synchronous: false,
            taken: Taken::default(),
            last: Instant::now(),
            due: None,
            writer: None,
            written: None,
        }
    }

    /// A checkpoint after every so many epochs.
    pub fn every_epochs(mut self, epochs: u64) -> Self {
        self.epochs = Some(epochs.max(1));
        self
    }

    /// A checkpoint after every so many steps.
    pub fn every_steps(mut self, steps: u64) -> Self {
        self.steps = Some(steps.max(1));
        self
    }

    /// A checkpoint at the end of the first step after so much time.
    pub fn every(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// What happens to a checkpoint that is due while the one before is still being written.
    pub fn if_busy(mut self, busy: Busy) -> Self {
        self.busy = busy;
        self
    }

    /// Training waits for each checkpoint to be written.
    pub fn synchronous(mut self) -> Self {
        self.is_synchronous = true;
        self
    }

    /// The last checkpoint that this callback knows to be there.
    pub fn last_written(&self) -> Option<&CheckpointRecord> {
        self.written.as_ref()
    }

    /// Takes note of a writer that has ended, or waits for it.
    fn finish(&mut self, moment: &mut Moment<'_>, wait: bool) {
        if let Some(writer) = self.writer.take_if(|writer| wait || writer.is_finished()) {
            let stopped = |_| Err(Error::Training("the thread that wrote it stopped".into()));
            self.note(moment, writer.join().unwrap_or_else(stopped));
        }
    }

    fn note(&mut self, moment: &mut Moment<'_>, result: Result<CheckpointRecord>) {
        match result {
            Ok(record) => self.written = Some(record),
            Err(error) => {
                moment.warn(format!("a checkpoint could not be written, and training goes on: {error}"));
            }
        }
    }

    /// Whether so many of something make a checkpoint due; counts on, or from the start if they do.
    fn count(taken: &mut u64, every: Option<u64>) -> bool {
        *taken += 1;
        let is_due = every.is_some_and(|every| *taken >= every);
        if is_due {
            *taken = 0;
        }
        is_due
    }

    fn make_due(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        self.due = Some(moment.metrics()?.clone());
        self.last = Instant::now();
        moment.defer();
        Ok(())
    }
}

impl Callback for Checkpoint {
    fn on_fit_start(&mut self, _: &mut Moment<'_>) -> Result<()> {
        if self.steps.is_none() && self.time.is_none() && self.epochs.is_none() {
            self.epochs = Some(1);
        }
        self.last = Instant::now();
        Ok(())
    }

    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        self.finish(moment, false);
        let by_steps = Self::count(&mut self.taken.steps, self.steps);
        let by_time = self.time.is_some_and(|time| self.last.elapsed() >= time);
        if by_steps || by_time { self.make_due(moment) } else { Ok(()) }
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let by_epochs = Self::count(&mut self.taken.epochs, self.epochs);
        // One that was due after the last step is taken now, and reports what the epoch does.
        if by_epochs || self.due.is_some() { self.make_due(moment) } else { Ok(()) }
    }

    fn on_deferred(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let Some(metrics) = self.due.take() else { return Ok(()) };
        self.finish(moment, self.busy == Busy::Wait);
        if self.writer.is_some() {
            return Ok(());
        }
        let snapshot = Snapshot::of(moment.program())?;
        let (epoch, step, manager) = (moment.epoch(), moment.step(), self.manager.clone());
        let write = move || manager.write(&snapshot, epoch, step, metrics);
        if self.is_synchronous {
            let result = write();
            self.note(moment, result);
            return Ok(());
        }
        match std::thread::Builder::new().name("holotype checkpoint".into()).spawn(write) {
            Ok(writer) => self.writer = Some(writer),
            Err(error) => moment.warn(format!("no thread for a checkpoint, and training goes on: {error}")),
        }
        Ok(())
    }

    fn on_fit_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        self.finish(moment, true);
        Ok(())
    }

    fn state(&self) -> Result<Option<Document>, String> {
        Document::describe(&self.taken).map(Some)
    }

    fn set_state(&mut self, state: &Document) -> Result<(), String> {
        self.taken = state.read()?;
        Ok(())
    }
}

impl Drop for Checkpoint {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}
