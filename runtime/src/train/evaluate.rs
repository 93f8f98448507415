//! Judging a model on data.

use super::fit::check_sizes;
use super::history::Metrics;
use super::step::{EVALUATE, METRICS, RESET, TRAIN};
use super::trainer::Trainer;
use crate::data::{Dataset, Order, Reader};
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::tensor::Data;

/// The number of samples judged at once.
pub(super) const BATCH: usize = 256;

impl Trainer {
    /// The loss and the metrics on data; the run itself stays as it is.
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn evaluate(&mut self, data: &Dataset) -> Result<Metrics> {
        check_sizes(data, 1)?;
        self.can_judge()?;
        let data = self.prepare(data, BATCH)?;
        self.evaluate_batches(&data, BATCH, 0)
    }

    /// Whether there is a step that judges.
    pub(super) fn can_judge(&self) -> Result<()> {
        let judges = self.program.entries().iter().any(|entry| entry.signature.function == EVALUATE);
        if judges {
            return Ok(());
        }
        Err(Error::Training(format!(
            "the model `{}` has a training step of its own and none that judges: write `{EVALUATE}` beside `{TRAIN}`",
            self.note.step.as_deref().unwrap_or("of the run")
        )))
    }

    /// The loss and the metrics over batches; what the metrics held before is put back.
    pub(super) fn evaluate_batches(
        &self,
        data: &Dataset,
        batch_size: usize,
        prefetch: usize,
    ) -> Result<Metrics> {
        let held = self.metric_state()?;
        let judged = self.judge(data, batch_size, prefetch);
        for (variable, value) in held {
            variable.set(value)?;
        }
        judged
    }

    fn judge(&self, data: &Dataset, batch_size: usize, prefetch: usize) -> Result<Metrics> {
        self.program.run(RESET, Mode::Inference, Vec::new())?;
        for (_, batch) in Reader::new(data.clone(), Order::judging(batch_size)).ahead(prefetch) {
            self.program.run(EVALUATE, Mode::Inference, batch?)?;
        }
        self.read_metrics()
    }

    /// The loss and the metrics as they stand.
    pub(super) fn read_metrics(&self) -> Result<Metrics> {
        let values = self.program.run(METRICS, Mode::Inference, Vec::new())?;
        let mut metrics = Metrics::default();
        for (name, value) in self.note.metrics.iter().zip(values) {
            let value = match value.elements::<f64>()? {
                [value] => *value,
                _ => {
                    return Err(Error::Training(format!(
                        "the metric `{name}` is {}, and not one number",
                        value.describe()
                    )));
                }
            };
            metrics.insert(name.clone(), value);
        }
        Ok(metrics)
    }

    /// What the metrics hold, to be put back.
    pub(super) fn metric_state(&self) -> Result<Vec<(&crate::graph::Variable, Data)>> {
        let definitions = self.program.graph().variables.iter().zip(self.program.variables());
        let metrics = definitions.filter(|(definition, _)| definition.path.starts_with("metrics."));
        metrics.map(|(_, variable)| Ok((variable, variable.data()?))).collect()
    }
}
