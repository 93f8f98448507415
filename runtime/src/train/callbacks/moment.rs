//! What a callback sees of a run, and what it may do to it.

use std::path::PathBuf;

use super::super::history::{Metrics, Warning};
use super::super::trainer::Trainer;
use crate::data::Dataset;
use crate::error::Result;
use crate::graph::Variable;
use crate::module::Program;
use crate::tensor::Data;

/// What callbacks have asked for and the fit has not done yet.
#[derive(Default)]
pub(super) struct Requests {
    /// Why the fit is to stop, and who says so.
    pub stop: Option<String>,
    /// Where to save the run, and which callback wants it.
    pub saves: Vec<(usize, PathBuf)>,
    /// The callbacks that have deferred something.
    pub deferred: Vec<usize>,
    pub warnings: Vec<Warning>,
}

/// The run at an event of a fit.
pub struct Moment<'a> {
    pub(super) trainer: &'a mut Trainer,
    pub(super) epoch: u64,
    pub(super) step: u64,
    pub(super) metrics: Option<Metrics>,
    pub(super) batch: Option<&'a [Data]>,
    pub(super) requests: &'a mut Requests,
    /// Which callback is being told, and its name.
    pub(super) teller: (usize, String),
}

impl Moment<'_> {
    /// The number of the epoch in the run, counted from 1: the one that is going on, or the last one when a fit has ended.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The number of steps that the epoch has taken.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The loss and the metrics: after a step the means over the epoch so far, after an epoch or an evaluation what it reports,
    /// at other events nothing.
    ///
    /// They are worked out when they are first asked for.
    ///
    /// # Errors
    /// If a metric cannot be read.
    pub fn metrics(&mut self) -> Result<&Metrics> {
        if self.metrics.is_none() {
            self.metrics = Some(self.trainer.read_metrics()?);
        }
        Ok(self.metrics.get_or_insert_default())
    }

    /// The learning rate of the optimizer.
    ///
    /// # Errors
    /// As [`Trainer::learning_rate`].
    pub fn learning_rate(&self) -> Result<f64> {
        self.trainer.learning_rate()
    }

    /// Changes the learning rate of the optimizer from the next step on.
    ///
    /// # Errors
    /// As [`Trainer::set_learning_rate`].
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        self.trainer.set_learning_rate(rate)
    }

    /// The learning rate of one of the optimizers.
    ///
    /// # Errors
    /// As [`Trainer::learning_rate_of`].
    pub fn learning_rate_of(&self, name: &str) -> Result<f64> {
        self.trainer.learning_rate_of(name)
    }

    /// Changes the learning rate of one of the optimizers from the next step on.
    ///
    /// # Errors
    /// As [`Trainer::set_learning_rate_of`].
    pub fn set_learning_rate_of(&mut self, name: &str, rate: f64) -> Result<()> {
        self.trainer.set_learning_rate_of(name, rate)
    }

    /// The variable at an artifact path, to be read or set: `model.weights`.
    ///
    /// # Errors
    /// If there is none.
    pub fn variable(&self, path: &str) -> Result<&Variable> {
        self.trainer.variable(path)
    }

    /// The run as a program: its functions, variables and structure.
    pub fn program(&self) -> &Program {
        self.trainer.program()
    }

    /// The trainer, to be looked at.
    pub fn trainer(&self) -> &Trainer {
        self.trainer
    }

    /// The loss and the metrics on other data; the run stays as it is.
    ///
    /// # Errors
    /// As [`Trainer::evaluate`].
    pub fn evaluate(&mut self, data: &Dataset) -> Result<Metrics> {
        self.trainer.evaluate(data)
    }

    /// Asks the fit to stop after this event, and says why; [`History::stopped`](super::super::History::stopped) gives the
    /// reason. After a step that is not the last of its epoch, the run stops within the epoch, and a later fit goes on there.
    pub fn stop(&mut self, reason: impl AsRef<str>) {
        let reason = format!("{}: {}", self.teller.1, reason.as_ref());
        self.requests.stop.get_or_insert(reason);
    }

    /// Whether somebody has asked the fit to stop.
    pub fn is_stopping(&self) -> bool {
        self.requests.stop.is_some()
    }

    /// Saves the run as soon as all callbacks have seen the event, so that what they remember is saved with it: at the end of
    /// the epoch, if this is its last step or its evaluation. A run that cannot be saved ends the fit.
    pub fn save(&mut self, path: impl Into<PathBuf>) {
        let path = path.into();
        self.requests.saves.push((self.teller.0, path));
    }

    /// Has [`Callback::on_deferred`](super::Callback::on_deferred) called as soon as all callbacks have seen the event; see
    /// [`Moment::save`].
    pub fn defer(&mut self) {
        if !self.requests.deferred.contains(&self.teller.0) {
            self.requests.deferred.push(self.teller.0);
        }
    }

    /// Warns of something that does not stop the fit: the progress display shows it, and
    /// [`History::warnings`](super::super::History::warnings) gives it.
    pub fn warn(&mut self, message: impl Into<String>) {
        self.requests.warnings.push(Warning {
            callback: self.teller.1.clone(),
            epoch: self.epoch,
            step: self.step,
            message: message.into(),
        });
    }
}
