//! Learning from data.

use super::data::{Dataset, order};
use super::history::{Epoch, History};
use super::progress::{Progress, Reporter};
use super::step::{RESET, TRAIN};
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::tensor::{Data, TensorType};

/// How to learn from data: `Fit::epochs(2).batch_size(32).validation(&test)`.
#[derive(Clone, Debug)]
pub struct Fit<'a> {
    epochs: u64,
    batch_size: usize,
    shuffle: bool,
    seed: Option<u64>,
    validation: Option<&'a Dataset>,
    progress: Progress,
}

impl<'a> Fit<'a> {
    /// Goes through the data this many times, in batches of 32, in a new order each time.
    pub fn epochs(epochs: u64) -> Self {
        Self { epochs, batch_size: 32, shuffle: true, seed: None, validation: None, progress: Progress::Auto }
    }

    /// The number of samples in a step; the last batch of an epoch may be smaller.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// Whether each epoch has an order of its own, given by the seed and the number of the epoch; it has by default.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// The seed of the order, which the run keeps; 0 if none was ever given.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Judges other data after each epoch; its loss and metrics are reported with `val_` before their names.
    pub fn validation(mut self, data: &'a Dataset) -> Self {
        self.validation = Some(data);
        self
    }

    /// What people see; by default a progress bar on a terminal, and a line for each epoch elsewhere.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Shows nothing.
    pub fn quiet(self) -> Self {
        self.progress(Progress::Silent)
    }
}

impl Trainer {
    /// Learns from data for some epochs, from where the run stands.
    ///
    /// A run that stopped in the middle of an epoch goes on there. A step that fails changes nothing; those before it stay.
    ///
    /// # Errors
    /// [`Error::Data`] if the data are empty or fewer than a batch; [`Error::Signature`] if they are not what the step takes;
    /// [`Error::Check`] for a loss that is not finite or a label out of range.
    pub fn fit(&mut self, data: &Dataset, fit: Fit<'_>) -> Result<History> {
        check_sizes(data, fit.batch_size)?;
        if let Some(validation) = fit.validation {
            check_sizes(validation, 1)?;
        }
        let data = data.with_wide_labels()?;
        self.prepare(&data)?;
        if let Some(seed) = fit.seed {
            self.position.set_seed(seed)?;
        }
        let mut history = History::default();
        let mut reporter = Reporter::new(fit.progress, fit.epochs, data.len());
        for index in 0..fit.epochs {
            reporter.start_epoch(index);
            let epoch = self.epoch(&data, &fit, &mut reporter)?;
            reporter.finish_epoch(&epoch);
            history.push(epoch);
        }
        Ok(history)
    }

    /// Goes through the rest of the epoch that the run stands in.
    fn epoch(&mut self, data: &Dataset, fit: &Fit<'_>, reporter: &mut Reporter) -> Result<Epoch> {
        let (epoch, done) = (self.position.epoch()?, self.position.sample()?);
        let order = order(data.len(), fit.shuffle, self.position.seed()?, epoch);
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        if done >= order.len() {
            return Err(Error::Data(format!(
                "the run stands at sample {done} of its epoch, and the data have {}: give it the data it was trained on",
                order.len()
            )));
        }
        if done == 0 {
            self.program.run(RESET, Mode::Inference, Vec::new())?;
        }
        let mut position = done;
        for rows in order[done..].chunks(fit.batch_size) {
            let loss = self
                .program
                .run(TRAIN, Mode::Training, data.batch(rows)?)
                .map_err(|error| self.at_step(error, epoch, position))?;
            position += rows.len();
            self.position.set(epoch, position as u64)?;
            reporter.step(position, loss.first());
        }
        let mut metrics = self.read_metrics()?;
        if let Some(validation) = fit.validation {
            for (name, value) in self.evaluate_batches(validation, fit.batch_size)?.into_iter() {
                metrics.insert(format!("val_{name}"), value);
            }
        }
        self.position.set(epoch + 1, 0)?;
        Ok(Epoch { number: epoch + 1, metrics })
    }

    /// Traces the steps for the data at hand, if they were not traced for such data and there is code to trace.
    pub(super) fn prepare(&mut self, data: &Dataset) -> Result<()> {
        let tensors = data.tensors();
        let fits = |trainer: &Self| {
            let mut steps =
                trainer.program.entries().iter().filter(|entry| entry.signature.function == TRAIN);
            steps.any(|entry| entry.signature.bind(&tensors).is_ok())
        };
        if fits(self) {
            return Ok(());
        }
        if let Some(code) = &self.code {
            let types: Vec<TensorType> = tensors.iter().map(Data::kind).collect();
            self.program = code.program(Some(&types))?;
        }
        Ok(())
    }

    /// Says at which step of training an error came up.
    fn at_step(&self, error: Error, epoch: u64, sample: usize) -> Error {
        match error {
            Error::Check { message, location } => Error::Check {
                message: format!("epoch {}, after {sample} samples: {message}", epoch + 1),
                location,
            },
            other => other,
        }
    }
}

/// Data that a run can learn from.
pub(super) fn check_sizes(data: &Dataset, batch_size: usize) -> Result<()> {
    if data.is_empty() {
        return Err(Error::Data("the dataset is empty: there is nothing to learn from or to judge".into()));
    }
    if batch_size == 0 {
        return Err(Error::Data("the batch size is 0: a step needs at least one sample".into()));
    }
    if batch_size > data.len() {
        return Err(Error::Data(format!(
            "the batch size is {batch_size}, and the dataset has {} samples: make the batch no larger than the data",
            data.len()
        )));
    }
    Ok(())
}
