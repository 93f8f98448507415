//! Learning from one batch.

use super::fit::{check_sizes, in_check};
use super::history::Metrics;
use super::step::{RESET, THE_LOSS, TRAIN};
use super::targets::in_order;
use super::trainer::Trainer;
use crate::data::Dataset;
use crate::error::Result;
use crate::graph::Mode;
use crate::tensor::Data;

impl Trainer {
    /// Takes one step on all samples of `batch` together, and gives the loss and the metrics that the step computed.
    ///
    /// For loops of one's own. Variables, the optimizer's state and random numbers move as in [`Trainer::fit`]; epoch, place in
    /// the data and the means of an epoch that a run stopped in stay. A step that fails changes nothing.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// let x = Tensor::from([[0.0_f32], [1.0], [2.0], [3.0]]);
    /// let batch = Dataset::new(&x, &x * 2.0 + 1.0)?;
    /// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
    /// let first = trainer.train_on_batch(&batch)?.get("loss");
    /// let second = trainer.train_on_batch(&batch)?.get("loss");
    /// assert!(second < first);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn train_on_batch(&mut self, batch: &Dataset) -> Result<Metrics> {
        let step = self.step_of(batch)?;
        let held = self.metric_state()?;
        let learned = self.learn(step);
        for (variable, value) in held {
            variable.set(value)?;
        }
        learned
    }

    /// How a step on a batch like this runs: the steps of its plan, which ops share a loop, where values lie, and how many bytes
    /// it takes at once.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// let x = Tensor::from([[0.0_f32], [1.0]]);
    /// let batch = Dataset::new(&x, &x * 2.0)?;
    /// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
    /// assert!(trainer.explain(&batch)?.contains("where it lies"));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn explain(&mut self, batch: &Dataset) -> Result<String> {
        let step = self.step_of(batch)?;
        self.program.explain_run(TRAIN, Mode::Training, &step)
    }

    /// All samples of a batch, as the step takes them.
    pub(super) fn step_of(&mut self, batch: &Dataset) -> Result<Vec<Data>> {
        check_sizes(batch, 1)?;
        let step = in_order(batch, &self.note)?.whole_parts()?;
        if self.takes(&step).is_ok() { Ok(step) } else { self.prepare(batch, batch.len())?.whole_parts() }
    }

    fn learn(&self, step: Vec<Data>) -> Result<Metrics> {
        self.program.run(RESET, Mode::Inference, Vec::new())?;
        self.program.run(TRAIN, Mode::Training, step).map_err(|error| {
            in_check(error, |message| {
                let advice = if message.starts_with(THE_LOSS) {
                    ": look for such numbers in the batch, or make the learning rate smaller"
                } else {
                    ""
                };
                format!("{message}{advice}\n  the step has changed nothing")
            })
        })?;
        self.read_metrics()
    }
}
