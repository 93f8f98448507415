//! Writing what a run reports for `TensorBoard`.

use std::path::PathBuf;

use super::super::events::{EventWriter, Histogram, Value};
use super::callback::Callback;
use super::moment::Moment;
use crate::error::{Error, Result};
use crate::graph::Role;
use crate::tensor::{Data, Tensor};

/// Writes event files that `TensorBoard` shows: the metrics and the learning rate of each epoch as scalars, the model's table of modules
/// as text, and if they are asked for, histograms of the weights, of how they changed, and of gradients.
///
/// Each fit writes a file of its own; the numbers of epochs go on. A file that cannot be written is a
/// [warning](crate::train::History::warnings).
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::callbacks::TensorBoard;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let logs = folder.path().join("logs");
/// let x = Tensor::from([[0.0_f32], [1.0]]);
/// let data = Dataset::new(&x, &x)?;
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.5), mean_squared_error).build()?;
/// trainer.fit(&data, Fit::epochs(4).quiet().callback(TensorBoard::new(&logs).histograms().gradients().every(2)))?;
/// // tensorboard --logdir logs
/// assert_eq!(std::fs::read_dir(&logs).unwrap().count(), 1);
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct TensorBoard {
    directory: PathBuf,
    histograms: bool,
    gradients: bool,
    every: u64,
    writer: Option<EventWriter>,
    /// The weights as they were when histograms were last written.
    before: Vec<Data>,
    /// The last batch.
    batch: Vec<Data>,
}

impl TensorBoard {
    /// Event files in this directory.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            histograms: false,
            gradients: false,
            every: 1,
            writer: None,
            before: Vec::new(),
            batch: Vec::new(),
        }
    }

    /// Also histograms of the variables that are trained (`weights/model.bias`), and of the difference that the epochs since the last
    /// ones made to them (`changes/model.bias`).
    pub fn histograms(mut self) -> Self {
        self.histograms = true;
        self
    }

    /// Also histograms of the gradients (`gradients/model.bias`), as [`Trainer::gradients`](crate::train::Trainer::gradients) computes
    /// them: at the end of an epoch, on its last batch, before anything clips them. A model with a training step of its own has none,
    /// which is a warning.
    pub fn gradients(mut self) -> Self {
        self.gradients = true;
        self
    }

    /// Writes histograms after every so many epochs only: 2 for the second, the fourth, …; each takes a pass over all variables, and
    /// gradients take time as two steps do. What happens in each epoch is written for each as ever.
    pub fn every(mut self, epochs: u64) -> Self {
        self.every = epochs.max(1);
        self
    }

    fn gradient_histograms(&mut self, moment: &mut Moment<'_>) -> Result<Vec<(String, Value)>> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let gradients = match moment.trainer.gradients_of(batch) {
            Ok(gradients) => gradients,
            Err(error) => {
                moment.warn(format!("there are no gradients to show: {error}"));
                return Ok(Vec::new());
            }
        };
        let mut values = Vec::new();
        for (path, gradient) in gradients {
            values.extend(histogram(format!("gradients/{path}"), &gradient.into_data()?)?);
        }
        Ok(values)
    }

    fn add(&mut self, moment: &mut Moment<'_>, values: &[(String, Value)]) {
        let Some(writer) = &mut self.writer else { return };
        if let Err(error) = writer.add(moment.epoch(), values) {
            moment.warn(Error::io("write", &self.directory, error).to_string());
        }
    }
}

impl Callback for TensorBoard {
    fn on_fit_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        match EventWriter::create(&self.directory) {
            Ok(writer) => self.writer = Some(writer),
            Err(error) => moment.warn(Error::io("write", &self.directory, error).to_string()),
        }
        if self.histograms {
            self.before = trained(moment)?.into_iter().map(|(_, data)| data).collect();
        }
        // Four spaces make it code in Markdown, which keeps the columns of the table.
        let summary = moment.program().summary();
        let summary: String = summary.lines().flat_map(|line| ["    ", line, "\n"]).collect();
        self.add(moment, &[("model".to_owned(), Value::Text(summary))]);
        Ok(())
    }

    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        if self.gradients && moment.epoch().is_multiple_of(self.every) {
            self.batch = moment.batch.map(<[Data]>::to_vec).unwrap_or_default();
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let due = moment.epoch().is_multiple_of(self.every);
        let scalar = |(name, value)| (name, Value::Scalar(value));
        let mut values: Vec<_> = moment.metrics()?.clone().into_iter().map(scalar).collect();
        if let Ok(rate) = moment.learning_rate() {
            values.push(scalar(("learning_rate".to_owned(), rate)));
        }
        if self.histograms && due {
            let now = trained(moment)?;
            for ((path, data), before) in now.iter().zip(&self.before) {
                let difference =
                    (Tensor::from_data(data.clone()) - Tensor::from_data(before.clone())).into_data()?;
                values.extend(histogram(format!("weights/{path}"), data)?);
                values.extend(histogram(format!("changes/{path}"), &difference)?);
            }
            self.before = now.into_iter().map(|(_, data)| data).collect();
        }
        if self.gradients && due {
            values.extend(self.gradient_histograms(moment)?);
        }
        self.add(moment, &values);
        Ok(())
    }

    fn on_fit_end(&mut self, _: &mut Moment<'_>) -> Result<()> {
        self.writer = None;
        self.before.clear();
        self.batch.clear();
        Ok(())
    }
}

/// The variables that are trained, and what they hold.
fn trained(moment: &Moment<'_>) -> Result<Vec<(String, Data)>> {
    let program = moment.program();
    let all = program.graph().variables.iter().zip(program.variables());
    let trained = all.filter(|(definition, _)| definition.role == Role::Trainable);
    trained.map(|(definition, variable)| Ok((definition.path.clone(), variable.data()?))).collect()
}

fn histogram(tag: String, data: &Data) -> Result<Option<(String, Value)>> {
    let numbers = Tensor::from_data(data.clone()).cast(crate::tensor::DType::F64).to_vec::<f64>()?;
    Ok(Histogram::of(numbers.iter().copied()).map(|histogram| (tag, Value::Histogram(histogram))))
}
