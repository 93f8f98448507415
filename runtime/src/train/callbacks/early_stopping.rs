//! Stopping when a metric gets no better any more.

use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use super::callback::Callback;
use super::moment::Moment;
use super::monitor::{Better, monitored};
use crate::error::Result;
use crate::store::{tensors_from_bytes, tensors_to_bytes};
use crate::tensor::{Data, Document};

/// Stops a fit when a metric has not become better for some epochs.
///
/// The best value, the number of epochs since and, where they are asked for, the best weights are saved with the run. A run that
/// was stopped stays so, also after it has been loaded, until
/// [`Trainer::forget_callbacks`](crate::train::Trainer::forget_callbacks).
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::callbacks::EarlyStopping;
///
/// let x = Tensor::from([[0.0_f32], [1.0]]);
/// let data = Dataset::new(&x, &x * 2.0)?;
/// // With a learning rate of 0 nothing becomes better.
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.0), mean_squared_error).build()?;
/// let stopping = EarlyStopping::new("val_loss").patience(2).restore_best_weights();
/// let history = trainer.fit(&data, Fit::epochs(99).validation(&data).quiet().callback(stopping))?;
/// assert_eq!(history.epochs().len(), 3);
/// assert!(history.stopped().unwrap().contains("val_loss has not become better than"));
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone)]
pub struct EarlyStopping {
    monitor: String,
    patience: u64,
    min_delta: f64,
    better: Better,
    baseline: Option<f64>,
    restore: bool,
    start_from: u64,
    memory: Memory,
}

/// What the run keeps.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Memory {
    /// None before the first epoch.
    best: Option<f64>,
    best_epoch: u64,
    waited: u64,
    /// Why the run was stopped.
    stopped: Option<String>,
    /// The best variables of the model.
    #[serde(skip)]
    weights: Vec<(String, Data)>,
}

#[derive(Serialize, Deserialize)]
struct State {
    memory: Memory,
    weights: Bytes,
}

impl EarlyStopping {
    /// Stops when this metric, such as `val_loss`, does not become better for an epoch.
    pub fn new(monitor: impl Into<String>) -> Self {
        Self {
            monitor: monitor.into(),
            patience: 0,
            min_delta: 0.0,
            better: Better::Auto,
            baseline: None,
            restore: false,
            start_from: 0,
            memory: Memory::default(),
        }
    }

    /// Stops when so many epochs in a row have not become better; 0 and 1 both mean the first one.
    pub fn patience(mut self, epochs: u64) -> Self {
        self.patience = epochs;
        self
    }

    /// Only a value that is better by more than this counts.
    pub fn min_delta(mut self, delta: f64) -> Self {
        self.min_delta = delta.abs();
        self
    }

    /// What is better.
    pub fn better(mut self, better: Better) -> Self {
        self.better = better;
        self
    }

    /// Epochs also count as no better while the metric is not better than this.
    pub fn baseline(mut self, baseline: f64) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Does nothing in the first epochs of the run.
    pub fn start_from_epoch(mut self, epochs: u64) -> Self {
        self.start_from = epochs;
        self
    }

    /// When it stops the fit, gives the variables of the model the values that they had after the best epoch. Optimizer and position
    /// stay.
    pub fn restore_best_weights(mut self) -> Self {
        self.restore = true;
        self
    }

    /// The best value and its epoch, if there was an epoch.
    pub fn best(&self) -> Option<(f64, u64)> {
        self.memory.best.map(|best| (best, self.memory.best_epoch))
    }

    fn keep_weights(&mut self, moment: &Moment<'_>) -> Result<()> {
        let program = moment.program();
        let all = program.graph().variables.iter().zip(program.variables());
        let model = all.filter(|(definition, _)| definition.path.starts_with("model."));
        let weights = model.map(|(definition, variable)| Ok((definition.path.clone(), variable.data()?)));
        self.memory.weights = weights.collect::<Result<_>>()?;
        Ok(())
    }
}

impl Callback for EarlyStopping {
    fn on_fit_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        if let Some(reason) = &self.memory.stopped {
            let reason = format!("{reason}; `forget_callbacks` of the trainer lets the run go on");
            moment.stop(reason);
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let value = monitored(moment, &self.monitor)?;
        let epoch = moment.epoch();
        if epoch <= self.start_from {
            return Ok(());
        }
        let worst = self.better.worst(&self.monitor);
        let improves = |than: f64| self.better.improves(&self.monitor, value, than, self.min_delta);
        let is_better = improves(self.memory.best.unwrap_or(worst));
        let is_enough = self.baseline.is_none_or(improves);
        self.memory.waited += 1;
        if is_better || self.memory.best.is_none() {
            (self.memory.best, self.memory.best_epoch) = (Some(value), epoch);
            if self.restore {
                self.keep_weights(moment)?;
            }
        }
        if is_better && is_enough {
            self.memory.waited = 0;
        }
        if self.memory.waited < self.patience.max(1) {
            return Ok(());
        }
        let best = self.memory.best.unwrap_or(value);
        let reason = format!(
            "{} has not become better than {best} for {} epochs, since epoch {}",
            self.monitor, self.memory.waited, self.memory.best_epoch
        );
        for (path, data) in &self.memory.weights {
            moment.variable(path)?.set(data.clone())?;
        }
        moment.stop(&reason);
        self.memory.stopped = Some(reason);
        Ok(())
    }

    fn state(&self) -> Result<Option<Document>, String> {
        let weights = self.memory.weights.iter().map(|(path, data)| (path.as_str(), data));
        let weights = tensors_to_bytes(weights).map_err(|error| error.to_string())?;
        Document::describe(&State { memory: self.memory.clone(), weights: Bytes(weights) }).map(Some)
    }

    fn set_state(&mut self, state: &Document) -> Result<(), String> {
        let State { memory, weights } = state.read()?;
        let weights = tensors_from_bytes(&weights.0).map_err(|error| error.to_string())?;
        self.memory = Memory { weights, ..memory };
        Ok(())
    }
}
