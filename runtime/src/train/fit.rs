//! Learning from data.

use super::data::{Dataset, order};
use super::history::{Epoch, History};
use super::progress::{Progress, Reporter};
use super::step::{RESET, THE_LOSS, TRAIN};
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::tensor::Data;

/// How to learn from data: `Fit::epochs(2).batch_size(32).validation(&test)`.
#[derive(Clone, Copy, Debug)]
pub struct Fit<'a> {
    epochs: u64,
    batch_size: usize,
    shuffle: bool,
    seed: Option<u64>,
    validation: Option<&'a Dataset>,
    progress: Progress,
}

impl<'a> Fit<'a> {
    /// Goes through the data this many times, in batches of 32, in a new order each time. The rest of an epoch that the run
    /// stopped in counts as one.
    pub fn epochs(epochs: u64) -> Self {
        Self { epochs, batch_size: 32, shuffle: true, seed: None, validation: None, progress: Progress::Auto }
    }

    /// The number of samples in a step; the last batch of an epoch, which may be the only one, holds what is left.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// Whether each epoch has an order of its own, given by the seed and the number of the epoch; it has by default.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// The seed of the order, which the run keeps; 0 if none was ever given. In the middle of an epoch another seed would make
    /// the rest of it go through some samples again and leave others out.
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
    /// [`Error::Data`] if the data are empty, or fewer than the run has gone through of its epoch;
    /// [`Error::Signature`] if they are not what the step takes; [`Error::Check`], with epoch and step, for a loss that is not
    /// finite or a label out of range.
    pub fn fit(&mut self, data: &Dataset, fit: Fit<'_>) -> Result<History> {
        check_sizes(data, fit.batch_size)?;
        let data = self.prepare(data, fit.batch_size)?;
        let validation = match fit.validation {
            Some(validation) => {
                check_sizes(validation, 1)?;
                Some(self.prepare(validation, fit.batch_size)?)
            }
            None => None,
        };
        if let Some(seed) = fit.seed {
            self.position.set_seed(seed)?;
        }
        let mut history = History::default();
        let mut reporter = Reporter::new(fit.progress, self.epochs()?.saturating_add(fit.epochs), data.len());
        for _ in 0..fit.epochs {
            let mut epoch = self.epoch(&data, &fit, &mut reporter)?;
            if let Some(validation) = &validation {
                let judged = self.evaluate_batches(validation, fit.batch_size);
                let judged = judged.map_err(|error| {
                    in_check(error, |message| format!("validation after epoch {}: {message}", epoch.number))
                })?;
                for (name, value) in judged {
                    epoch.metrics.insert(format!("val_{name}"), value);
                }
            }
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
        let Some(rest) = order.get(done..).filter(|rest| !rest.is_empty()) else {
            return Err(Error::Data(format!(
                "the run has gone through {done} samples of its epoch, and the data have {}: give it the data it was \
                 trained on",
                order.len()
            )));
        };
        reporter.start_epoch(epoch + 1, done);
        let (mut position, mut step) = (done, done.div_ceil(fit.batch_size));
        for rows in rest.chunks(fit.batch_size) {
            step += 1;
            self.program
                .run(TRAIN, Mode::Training, data.batch(rows)?)
                .map_err(|error| at_step(error, epoch + 1, step, rows))?;
            position += rows.len();
            self.position.set(epoch, position as u64)?;
            reporter.step(position, || self.read_metrics());
        }
        let metrics = self.read_metrics()?;
        // The metrics are set back at the end, so that a first step that fails leaves everything as it was.
        self.program.run(RESET, Mode::Inference, Vec::new())?;
        self.position.set(epoch + 1, 0)?;
        Ok(Epoch { number: epoch + 1, metrics })
    }

    /// The data as the steps take them: labels may have become `i64`. Traces the steps for the data, if there are none that
    /// take them, and if there is code to trace.
    pub(super) fn prepare(&mut self, data: &Dataset, batch_size: usize) -> Result<Dataset> {
        let wide = data.with_wide_labels()?;
        let rows: Vec<usize> = (0..data.len().min(batch_size)).collect();
        for data in [data, &wide] {
            if self.takes(&data.batch(&rows)?).is_ok() {
                return Ok(data.clone());
            }
        }
        let batch = wide.batch(&rows)?;
        if let Some(code) = &mut self.code {
            self.program = code.program_for(batch.iter().map(Data::kind).collect())?;
        }
        self.takes(&batch)?;
        Ok(wide)
    }

    /// Whether a step takes inputs and targets.
    pub(super) fn takes(&self, batch: &[Data]) -> Result<()> {
        let steps = self.program.entries().iter().filter(|entry| entry.signature.function == TRAIN);
        let mut first_error = None;
        for step in steps {
            match step.signature.bind(batch) {
                Ok(_) => return Ok(()),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or_else(|| Error::Training("the run has no step of training".into())))
    }
}

/// How many samples of a batch an error lists.
const LISTED: usize = 128;

/// Says at which step of training an error came up, and with which samples.
fn at_step(error: Error, epoch: u64, step: usize, rows: &[usize]) -> Error {
    let listed: Vec<_> = rows.iter().take(LISTED).map(ToString::to_string).collect();
    let more = if rows.len() > LISTED { ", …" } else { "" };
    in_check(error, |message| {
        let advice = if message.starts_with(THE_LOSS) {
            ": look for such numbers in the samples, or make the learning rate smaller"
        } else {
            ""
        };
        format!(
            "epoch {epoch}, step {step}: {message}{advice}\n  the step has changed nothing; its batch holds the samples \
             [{}{more}] of the data",
            listed.join(", ")
        )
    })
}

/// The error with another message, if it comes from a check of values.
pub(super) fn in_check(error: Error, change: impl FnOnce(String) -> String) -> Error {
    match error {
        Error::Check { message, location } => Error::Check { message: change(message), location },
        other => other,
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
    Ok(())
}
