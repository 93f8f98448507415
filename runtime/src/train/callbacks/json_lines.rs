//! Writing what a run reports as lines of JSON.

use std::path::PathBuf;

use super::super::text::json_object;
use super::callback::Callback;
use super::log_file::LogFile;
use super::moment::Moment;
use crate::error::{Error, Result};

/// Adds an object of JSON on a line of its own after each epoch, and if that is asked for, after every so many steps. A number that is
/// not finite is null.
///
/// A run that goes on adds to the file; lines of epochs that it goes through again are taken out. A file that cannot be written is a
/// [warning](crate::train::History::warnings).
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::callbacks::JsonLines;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("log.jsonl");
/// let x = Tensor::from([[0.0_f32], [1.0]]);
/// let data = Dataset::new(&x, &x)?;
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.5), mean_squared_error).build()?;
/// trainer.fit(&data, Fit::epochs(2).quiet().callback(JsonLines::new(&path).every_steps(1)))?;
/// let text = std::fs::read_to_string(&path).unwrap();
/// assert!(text.starts_with(r#"{"epoch":1,"step":1,"loss":"#));
/// assert_eq!(text.lines().count(), 4);
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct JsonLines {
    file: LogFile,
    steps: Option<u64>,
}

impl JsonLines {
    /// A log in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { file: LogFile::new(path.into()), steps: None }
    }

    /// Also a line after every so many steps of an epoch, with the means over the epoch so far.
    pub fn every_steps(mut self, steps: u64) -> Self {
        self.steps = Some(steps.max(1));
        self
    }

    fn add(&mut self, moment: &mut Moment<'_>, line: &str) {
        if let Err(error) = self.file.add(line) {
            moment.warn(Error::io("write", self.file.path(), error).to_string());
        }
    }
}

impl Callback for JsonLines {
    fn on_fit_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let done = moment.epoch();
        let stays = |_: usize, line: &str| {
            let value: Option<serde_json::Value> = serde_json::from_str(line).ok();
            value.and_then(|value| value.get("epoch")?.as_u64()).is_some_and(|epoch| epoch <= done)
        };
        if let Err(error) = self.file.open(stays) {
            moment.warn(Error::io("write", self.file.path(), error).to_string());
        }
        Ok(())
    }

    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        if self.steps.is_some_and(|steps| moment.step().is_multiple_of(steps)) {
            let numbers = [("epoch", moment.epoch()), ("step", moment.step())];
            let line = json_object(&numbers, moment.metrics()?);
            self.add(moment, &line);
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let line = json_object(&[("epoch", moment.epoch())], moment.metrics()?);
        self.add(moment, &line);
        Ok(())
    }
}
