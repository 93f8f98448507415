//! Making the learning rate smaller when a metric gets no better any more.

use serde::{Deserialize, Serialize};

use super::callback::Callback;
use super::moment::Moment;
use super::monitor::{Better, monitored};
use crate::error::{Error, Result};
use crate::tensor::Document;

/// Makes the learning rate smaller when a metric has not become better for some epochs.
///
/// The best value and the number of epochs since are saved with the run.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::callbacks::ReduceLearningRateOnPlateau;
///
/// let x = Tensor::from([[0.0_f32], [1.0]]);
/// let data = Dataset::new(&x, &x * 2.0)?;
/// // Steps that are much too large: the loss becomes worse and worse.
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(4.0), mean_squared_error).build()?;
/// let plateau = ReduceLearningRateOnPlateau::new("loss").factor(0.5).patience(1).min_rate(1.0);
/// trainer.fit(&data, Fit::epochs(6).quiet().callback(plateau))?;
/// assert_eq!(trainer.learning_rate()?, 1.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReduceLearningRateOnPlateau {
    monitor: String,
    factor: f64,
    patience: u64,
    min_delta: f64,
    cooldown: u64,
    min_rate: f64,
    better: Better,
    memory: Memory,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Memory {
    best: Option<f64>,
    waited: u64,
    cooling: u64,
}

impl ReduceLearningRateOnPlateau {
    /// Multiplies the learning rate by 0.1 when this metric has not become better by 0.0001 for 10 epochs.
    pub fn new(monitor: impl Into<String>) -> Self {
        Self {
            monitor: monitor.into(),
            factor: 0.1,
            patience: 10,
            min_delta: 1e-4,
            cooldown: 0,
            min_rate: 0.0,
            better: Better::Auto,
            memory: Memory::default(),
        }
    }

    /// What the learning rate is multiplied by: above 0 and below 1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// So many epochs in a row that are not better make the rate smaller; 0 and 1 both mean the first one.
    pub fn patience(mut self, epochs: u64) -> Self {
        self.patience = epochs;
        self
    }

    /// Only a value that is better by more than this counts.
    pub fn min_delta(mut self, delta: f64) -> Self {
        self.min_delta = delta.abs();
        self
    }

    /// Waits so many epochs after it has made the rate smaller before it counts again.
    pub fn cooldown(mut self, epochs: u64) -> Self {
        self.cooldown = epochs;
        self
    }

    /// The smallest rate.
    pub fn min_rate(mut self, rate: f64) -> Self {
        self.min_rate = rate;
        self
    }

    /// What is better.
    pub fn better(mut self, better: Better) -> Self {
        self.better = better;
        self
    }
}

impl Callback for ReduceLearningRateOnPlateau {
    fn on_fit_start(&mut self, _: &mut Moment<'_>) -> Result<()> {
        if self.factor > 0.0 && self.factor < 1.0 {
            return Ok(());
        }
        Err(Error::Training(format!(
            "the factor is {}: give a number above 0 and below 1, so that the learning rate becomes smaller",
            self.factor
        )))
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let value = monitored(moment, &self.monitor)?;
        let best = self.memory.best.unwrap_or_else(|| self.better.worst(&self.monitor));
        let is_cooling = self.memory.cooling > 0;
        self.memory.cooling = self.memory.cooling.saturating_sub(1);
        if self.better.improves(&self.monitor, value, best, self.min_delta) {
            (self.memory.best, self.memory.waited) = (Some(value), 0);
        } else if is_cooling {
            self.memory.waited = 0;
        } else {
            self.memory.waited += 1;
        }
        if self.memory.waited < self.patience.max(1) {
            return Ok(());
        }
        self.memory.waited = 0;
        let rate = moment.learning_rate()?;
        if rate > self.min_rate {
            moment.set_learning_rate((rate * self.factor).max(self.min_rate))?;
            self.memory.cooling = self.cooldown;
        }
        Ok(())
    }

    fn state(&self) -> Result<Option<Document>, String> {
        Document::describe(&self.memory).map(Some)
    }

    fn set_state(&mut self, state: &Document) -> Result<(), String> {
        self.memory = state.read()?;
        Ok(())
    }
}
