//! Telling the callbacks of a fit what happens, and doing what they ask for.

use std::collections::BTreeMap;

use super::super::history::{Metrics, Warning};
use super::super::trainer::Trainer;
use super::bytes::Bytes;
use super::callback::Callback;
use super::moment::{Moment, Requests};
use crate::error::{Error, Result};
use crate::tensor::{Data, Document};

/// What callbacks remember, by their names.
pub(in super::super) type States = BTreeMap<String, Bytes>;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Event {
    FitStart,
    EpochStart,
    StepEnd,
    EvaluationEnd,
    EpochEnd,
    FitEnd,
}

impl Event {
    /// What errors call it.
    fn name(self) -> &'static str {
        match self {
            Self::FitStart => "the start of the fit",
            Self::EpochStart => "the start of an epoch",
            Self::StepEnd => "the end of a step",
            Self::EvaluationEnd => "the end of an evaluation",
            Self::EpochEnd => "the end of an epoch",
            Self::FitEnd => "the end of the fit",
        }
    }
}

/// The callbacks of one fit.
pub(in super::super) struct Watch<'a> {
    callbacks: Vec<(String, Box<dyn Callback + 'a>)>,
    requests: Requests,
    /// Epoch and step.
    at: (u64, u64),
}

impl<'a> Watch<'a> {
    /// The callbacks, with what the run keeps for them. A second one of the same name has its number behind it.
    pub fn new(callbacks: Vec<Box<dyn Callback + 'a>>, trainer: &Trainer) -> Result<Self> {
        let mut named: Vec<(String, Box<dyn Callback + 'a>)> = Vec::with_capacity(callbacks.len());
        for mut callback in callbacks {
            let name = callback.name();
            let is_taken = |name: &String| named.iter().any(|(known, _)| known == name);
            let numbered = (2..).map(|number| format!("{name} {number}"));
            let unique = std::iter::once(name.clone()).chain(numbered).find(|name| !is_taken(name));
            let name = unique.unwrap_or(name);
            if let Some(state) = trainer.states.get(&name) {
                let given = Document::from_bytes(&state.0).and_then(|state| callback.set_state(&state));
                given.map_err(|message| {
                    let message = format!("the run keeps a state for it that it cannot take back: {message}");
                    failed(&name, Event::FitStart, Error::Training(message))
                })?;
            }
            named.push((name, callback));
        }
        Ok(Self { callbacks: named, requests: Requests::default(), at: (0, 0) })
    }

    /// Why the fit is to stop, if somebody said so.
    pub fn stop(&self) -> Option<&str> {
        self.requests.stop.as_deref()
    }

    /// What callbacks have warned of since this was last asked.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.requests.warnings)
    }

    /// Where in the run the next events happen: the epoch, and how many of its steps have been taken.
    pub fn is_at(&mut self, epoch: u64, step: u64) {
        self.at = (epoch, step);
    }

    /// Whether there is nobody to tell.
    pub fn is_empty(&self) -> bool {
        self.callbacks.is_empty()
    }

    /// Tells all callbacks that a step has been taken on a batch. The metrics are read when somebody asks for them.
    pub fn tell_step(&mut self, trainer: &mut Trainer, batch: &[Data]) -> Result<()> {
        self.tell_all(trainer, Event::StepEnd, None, Some(batch))
    }

    /// Tells all callbacks of another event.
    pub fn tell(&mut self, trainer: &mut Trainer, event: Event, metrics: Metrics) -> Result<()> {
        self.tell_all(trainer, event, Some(metrics), None)
    }

    fn tell_all(
        &mut self,
        trainer: &mut Trainer,
        event: Event,
        mut metrics: Option<Metrics>,
        batch: Option<&[Data]>,
    ) -> Result<()> {
        for (index, (name, callback)) in self.callbacks.iter_mut().enumerate() {
            let mut moment = Moment {
                trainer: &mut *trainer,
                epoch: self.at.0,
                step: self.at.1,
                metrics: metrics.take(),
                batch,
                requests: &mut self.requests,
                teller: (index, name.clone()),
            };
            let told = match event {
                Event::FitStart => callback.on_fit_start(&mut moment),
                Event::EpochStart => callback.on_epoch_start(&mut moment),
                Event::StepEnd => callback.on_step_end(&mut moment),
                Event::EvaluationEnd => callback.on_evaluation_end(&mut moment),
                Event::EpochEnd => callback.on_epoch_end(&mut moment),
                Event::FitEnd => callback.on_fit_end(&mut moment),
            };
            metrics = moment.metrics.take();
            told.map_err(|error| failed(name, event, error))?;
        }
        Ok(())
    }

    /// Does what was put off until all callbacks had seen an event.
    pub fn settle(&mut self, trainer: &mut Trainer, event: Event) -> Result<()> {
        if self.requests.saves.is_empty() && self.requests.deferred.is_empty() {
            return Ok(());
        }
        self.keep_states(trainer)?;
        for (index, path) in std::mem::take(&mut self.requests.saves) {
            let name = self.callbacks.get(index).map(|(name, _)| name.as_str()).unwrap_or_default();
            trainer.save(path).map_err(|error| failed(name, event, error))?;
        }
        for index in std::mem::take(&mut self.requests.deferred) {
            let Some((name, callback)) = self.callbacks.get_mut(index) else { continue };
            let mut moment = Moment {
                trainer: &mut *trainer,
                epoch: self.at.0,
                step: self.at.1,
                metrics: Some(Metrics::default()),
                batch: None,
                requests: &mut self.requests,
                teller: (index, name.clone()),
            };
            callback.on_deferred(&mut moment).map_err(|error| failed(name, event, error))?;
        }
        Ok(())
    }

    /// The error of a step that failed, as the callbacks would have it.
    pub fn explain(&mut self, trainer: &mut Trainer, batch: &[Data], error: Error) -> Error {
        let mut error = error;
        for (index, (name, callback)) in self.callbacks.iter_mut().enumerate() {
            let mut moment = Moment {
                trainer: &mut *trainer,
                epoch: self.at.0,
                step: self.at.1,
                metrics: Some(Metrics::default()),
                batch: Some(batch),
                requests: &mut self.requests,
                teller: (index, name.clone()),
            };
            error = callback.on_step_failed(&mut moment, error);
        }
        error
    }

    /// Has the run keep what the callbacks remember.
    pub fn keep_states(&mut self, trainer: &mut Trainer) -> Result<()> {
        for (name, callback) in &self.callbacks {
            let state = callback.state().and_then(|state| state.map(|state| state.to_bytes()).transpose());
            let state = state.map_err(|message| {
                let message = format!("what it remembers cannot be saved: {message}");
                Error::Callback {
                    callback: name.clone(),
                    event: "saving",
                    source: Box::new(Error::Training(message)),
                }
            })?;
            if let Some(state) = state {
                trainer.states.insert(name.clone(), Bytes(state));
            }
        }
        trainer.note_states()
    }
}

fn failed(name: &str, event: Event, error: Error) -> Error {
    Error::Callback { callback: name.to_owned(), event: event.name(), source: Box::new(error) }
}
