//! Learning from data.

use super::build::DataTypes;
use super::callbacks::{Callback, Event, Watch};
use super::history::{Epoch, History, Metrics};
use super::progress::{Progress, Reporter};
use super::step::{RESET, THE_LOSS, TRAIN};
use super::targets::in_order;
use super::trainer::Trainer;
use crate::data::{Dataset, Order, Pass, Reader};
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::tensor::{Data, TensorType};
use crate::trace::Signature;

/// How to learn from data: `Fit::epochs(2).batch_size(32).validation(&test)`.
pub struct Fit<'a> {
    epochs: Epochs,
    batch_size: usize,
    shuffle: bool,
    drop_remainder: bool,
    prefetch: usize,
    seed: Option<u64>,
    validation: Option<&'a Dataset>,
    class_weights: Option<Vec<f64>>,
    progress: Progress,
    callbacks: Vec<Box<dyn Callback + 'a>>,
}

/// How long a fit goes on.
#[derive(Clone, Copy, Debug)]
enum Epochs {
    /// So many epochs.
    More(u64),
    /// Until the run has gone through so many.
    Until(u64),
}

impl<'a> Fit<'a> {
    /// Goes through the data this many times, in batches of 32, in a new order each time. The rest of an epoch that the run
    /// stopped in counts as one.
    pub fn epochs(epochs: u64) -> Self {
        Self::new(Epochs::More(epochs))
    }

    /// Goes on until the run has gone through this many epochs in all, and does nothing if it has: what a run that was stopped
    /// and is gone on with needs.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// let x = Tensor::from([[0.0_f32], [1.0]]);
    /// let data = Dataset::new(&x, &x * 2.0)?;
    /// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
    /// trainer.fit(&data, Fit::epochs(2).quiet())?;
    /// let history = trainer.fit(&data, Fit::until_epoch(5).quiet())?;
    /// assert_eq!(history.epochs().len(), 3);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    pub fn until_epoch(epochs: u64) -> Self {
        Self::new(Epochs::Until(epochs))
    }

    fn new(epochs: Epochs) -> Self {
        Self {
            epochs,
            batch_size: 32,
            shuffle: true,
            drop_remainder: false,
            prefetch: 0,
            seed: None,
            validation: None,
            class_weights: None,
            progress: Progress::Auto,
            callbacks: Vec::new(),
        }
    }

    /// Has a callback look on; several are told of each event in the order in which they were given. `&mut callback` keeps it for
    /// after the fit.
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
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

    /// Leaves out the last batch of an epoch if it is not full, so that all steps take as many samples. With shuffling, each epoch
    /// leaves out others.
    pub fn drop_remainder(mut self) -> Self {
        self.drop_remainder = true;
        self
    }

    /// Reads batches on a thread of its own, which keeps so many ready while steps run; none by default, as data in memory need
    /// none. The steps and their order stay the same, and so does where a run goes on: what was read ahead and not learnt from
    /// counts for nothing.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// let data = Dataset::from_fn(100, |index| {
    ///     let x = (index as f32).sin();
    ///     Ok((Tensor::from([x]), Tensor::from([3.0 * x])))
    /// })?;
    /// let mut trainer = Trainer::new(Dense::new(1, 1), Adam::new(0.1), mean_squared_error).build()?;
    /// trainer.fit(&data, Fit::epochs(2).drop_remainder().prefetch(4).quiet())?;
    /// assert_eq!(trainer.epochs()?, 2);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    pub fn prefetch(mut self, batches: usize) -> Self {
        self.prefetch = batches;
        self
    }

    /// The seed of the order and of the random numbers of [`Dataset::map_random`], which the run keeps; 0 if none was ever
    /// given. In the middle of an epoch another seed would make the rest of it go through some samples again and leave others out.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Judges other data after each epoch; its loss and metrics are reported with `val_` before their names.
    pub fn validation(mut self, data: &'a Dataset) -> Self {
        self.validation = Some(data);
        self
    }

    /// Lets samples of some classes count more: a weight for each class, in the order of the labels, times that of the sample, if
    /// it [has one](Dataset::weights). The validation data are judged without them, as in Keras.
    pub fn class_weights(mut self, weights: impl IntoIterator<Item = f64>) -> Self {
        self.class_weights = Some(weights.into_iter().collect());
        self
    }

    /// What people see; by default a progress bar on a terminal, and lines elsewhere.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// The order of an epoch, from its start.
    fn order(&self) -> Order {
        let (shuffle, drop_remainder) = (self.shuffle, self.drop_remainder);
        Order { shuffle, drop_remainder, ..Order::judging(self.batch_size) }
    }

    /// Shows nothing.
    pub fn quiet(self) -> Self {
        self.progress(Progress::Silent)
    }
}

/// A fit that is going on.
struct Session<'a> {
    data: Dataset,
    validation: Option<Dataset>,
    fit: Fit<'a>,
    reporter: Reporter,
    history: History,
}

impl Session<'_> {
    fn show_warnings(&mut self, watch: &mut Watch<'_>) {
        for warning in watch.take_warnings() {
            self.reporter.warn(&warning);
            self.history.warn(warning);
        }
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
    /// finite or a label out of range; [`Error::Callback`] for what a callback says.
    pub fn fit(&mut self, data: &Dataset, mut fit: Fit<'_>) -> Result<History> {
        check_sizes(data, fit.batch_size)?;
        data.check_order(fit.shuffle)?;
        if fit.drop_remainder && data.len() < fit.batch_size {
            return Err(Error::Data(format!(
                "the data have {} samples, a batch {}, and what does not fill a batch is dropped: nothing is left; make the batches \
                 smaller",
                data.len(),
                fit.batch_size
            )));
        }
        let data = match fit.class_weights.take() {
            Some(weights) => self.prepare(&data.with_class_weights(&weights)?, fit.batch_size)?,
            None => self.prepare(data, fit.batch_size)?,
        };
        let validation = match fit.validation {
            Some(validation) => {
                check_sizes(validation, 1)?;
                self.can_judge()?;
                Some(self.prepare(validation, fit.batch_size)?)
            }
            None => None,
        };
        let mut watch = Watch::new(std::mem::take(&mut fit.callbacks), self)?;
        if let Some(seed) = fit.seed {
            self.position.set_seed(seed)?;
        }
        let done = self.epochs()?;
        let epochs = match fit.epochs {
            Epochs::More(epochs) => epochs,
            Epochs::Until(last) => last.saturating_sub(done),
        };
        let reporter = Reporter::new(fit.progress, done.saturating_add(epochs));
        let mut session = Session { data, validation, fit, reporter, history: History::default() };
        let result = self.go_on(&mut session, &mut watch, epochs);
        // What a step that failed leaves is a run that can be saved and gone on with.
        let kept = watch.keep_states(self);
        result.and(kept)?;
        Ok(session.history)
    }

    fn go_on(&mut self, session: &mut Session<'_>, watch: &mut Watch<'_>, epochs: u64) -> Result<()> {
        watch.is_at(self.epochs()?, 0);
        watch.tell(self, Event::FitStart, Metrics::default())?;
        session.show_warnings(watch);
        for _ in 0..epochs {
            if watch.stop().is_some() {
                break;
            }
            let Some(mut epoch) = self.epoch(session, watch)? else { break };
            if let Some(validation) = &session.validation {
                let judged = self.evaluate_batches(validation, session.fit.batch_size, session.fit.prefetch);
                let judged = judged.map_err(|error| {
                    in_check(error, |message| format!("validation after epoch {}: {message}", epoch.number))
                })?;
                let mut metrics = Metrics::default();
                for (name, value) in judged {
                    metrics.insert(format!("val_{name}"), value);
                }
                watch.tell(self, Event::EvaluationEnd, metrics.clone())?;
                for (name, value) in metrics {
                    epoch.metrics.insert(name, value);
                }
            }
            watch.tell(self, Event::EpochEnd, epoch.metrics.clone())?;
            session.reporter.finish_epoch(&epoch);
            session.history.push(epoch);
            watch.settle(self, Event::EpochEnd)?;
            session.show_warnings(watch);
        }
        session.history.set_stopped(watch.stop());
        let last = session.history.epochs().last().map(|epoch| epoch.metrics.clone());
        watch.tell(self, Event::FitEnd, last.unwrap_or_default())?;
        watch.settle(self, Event::FitEnd)?;
        session.show_warnings(watch);
        Ok(())
    }

    /// Goes through the rest of the epoch that the run stands in; gives nothing if a callback stops it before its end.
    fn epoch(&mut self, session: &mut Session<'_>, watch: &mut Watch<'_>) -> Result<Option<Epoch>> {
        let batch_size = session.fit.batch_size;
        let (epoch, done) = (self.position.epoch()?, self.position.sample()?);
        let (samples, done) = (session.data.len(), usize::try_from(done).unwrap_or(usize::MAX));
        if done >= samples {
            return Err(Error::Data(format!(
                "the run has gone through {done} samples of its epoch, and the data have {samples}: give it the data it was \
                 trained on"
            )));
        }
        let pass = Pass { seed: self.position.seed()?, epoch };
        let order = Order { done, pass, ..session.fit.order() };
        let end = order.end(samples);
        let (mut position, mut step) = (done, done.div_ceil(batch_size));
        let steps = step + end.saturating_sub(done).div_ceil(batch_size);
        session.reporter.start_epoch(epoch + 1, step, steps);
        watch.is_at(epoch + 1, step as u64);
        watch.tell(self, Event::EpochStart, Metrics::default())?;
        watch.settle(self, Event::EpochStart)?;
        for (rows, batch) in Reader::new(session.data.clone(), order).ahead(session.fit.prefetch) {
            if watch.stop().is_some() {
                return Ok(None);
            }
            step += 1;
            let batch = batch?;
            // Nobody else holds the batch if nobody looks on.
            let seen = if watch.is_empty() { Vec::new() } else { batch.clone() };
            if let Err(error) = self.program.run(TRAIN, Mode::Training, batch) {
                let error = at_step(error, epoch + 1, step, &rows);
                return Err(watch.explain(self, &seen, error));
            }
            position += rows.len();
            self.position.set(epoch, position as u64)?;
            session.reporter.step(step, || self.read_metrics());
            if watch.is_empty() {
                continue;
            }
            watch.is_at(epoch + 1, step as u64);
            watch.tell_step(self, &seen)?;
            // What is saved after the last step is the end of the epoch.
            if position < end {
                watch.settle(self, Event::StepEnd)?;
            }
            session.show_warnings(watch);
        }
        let metrics = self.read_metrics()?;
        // The metrics are set back at the end, so that a first step that fails leaves everything as it was.
        self.program.run(RESET, Mode::Inference, Vec::new())?;
        self.position.set(epoch + 1, 0)?;
        Ok(Some(Epoch { number: epoch + 1, metrics }))
    }

    /// The data as the steps take them: labels may have become `i64`. Traces the steps for the data, if there are none that
    /// take them, and if there is code to trace.
    pub(super) fn prepare(&mut self, data: &Dataset, batch_size: usize) -> Result<Dataset> {
        let data = in_order(data, &self.note)?;
        let rows: Vec<usize> = (0..data.len().min(batch_size)).collect();
        if self.takes(&data.parts(&rows, Pass::default())?).is_ok() {
            return Ok(data);
        }
        let wide = data.with_wide_labels();
        let batch = wide.parts(&rows, Pass::default())?;
        if self.takes(&batch).is_ok() {
            return Ok(wide);
        }
        let (inputs, targets, weighted) = wide.counts();
        if let Some(code) = &mut self.code {
            let kinds: Vec<TensorType> = batch.iter().map(Data::kind).take(inputs + targets).collect();
            let (inputs, targets) = kinds.split_at(inputs.min(kinds.len()));
            let (inputs, targets) = (inputs.to_vec(), targets.to_vec());
            self.program = code.program_for(DataTypes { inputs, targets, weighted })?;
            self.note_states()?;
        } else if weighted && !self.steps().any(|step| step.inputs.len() == batch.len()) {
            return Err(Error::Data(
                "the samples have weights, and the saved steps take none: build the run with `.weighted()` before it is saved".into(),
            ));
        }
        self.takes(&batch)?;
        Ok(wide)
    }

    /// The signatures of the steps that learn.
    fn steps(&self) -> impl Iterator<Item = &Signature> {
        let steps = self.program.entries().iter().filter(|entry| entry.signature.function == TRAIN);
        steps.map(|step| &step.signature)
    }

    /// Whether a step takes inputs and targets.
    pub(super) fn takes(&self, batch: &[Data]) -> Result<()> {
        let mut first_error = None;
        for step in self.steps() {
            match step.bind(batch) {
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
