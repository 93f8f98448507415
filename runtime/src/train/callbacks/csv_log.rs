//! Writing what a run reports as comma-separated values.

use std::path::PathBuf;

use super::super::text::{csv_fields, csv_line};
use super::callback::Callback;
use super::log_file::LogFile;
use super::moment::Moment;
use crate::error::{Error, Result};

/// Adds a line to a CSV file (RFC 4180) after each epoch: its number, the learning rate where the optimizer has one, and the metrics.
///
/// A run that goes on adds to the file; lines of epochs that it goes through again are taken out. A file that cannot be written is a
/// [warning](crate::train::History::warnings).
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::callbacks::CsvLog;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("log.csv");
/// let x = Tensor::from([[0.0_f32], [1.0]]);
/// let data = Dataset::new(&x, &x)?;
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.5), mean_squared_error).build()?;
/// trainer.fit(&data, Fit::epochs(2).quiet().callback(CsvLog::new(&path)))?;
/// let text = std::fs::read_to_string(&path).unwrap();
/// assert!(text.starts_with("epoch,learning_rate,loss\n1,0.5,"));
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct CsvLog {
    file: LogFile,
    /// The names of the columns after the first.
    columns: Vec<String>,
}

impl CsvLog {
    /// A log in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { file: LogFile::new(path.into()), columns: Vec::new() }
    }
}

impl Callback for CsvLog {
    fn on_fit_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let done = moment.epoch();
        let stays = |index: usize, line: &str| {
            let first = csv_fields(line).into_iter().next().unwrap_or_default();
            index == 0 || first.parse::<u64>().is_ok_and(|epoch| epoch <= done)
        };
        match self.file.open(stays) {
            Ok(header) => {
                let fields = header.map(|header| csv_fields(&header)).unwrap_or_default();
                self.columns = fields.into_iter().skip(1).collect();
            }
            Err(error) => moment.warn(Error::io("write", self.file.path(), error).to_string()),
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let rate = moment.learning_rate().ok().map(|rate| ("learning_rate".to_owned(), rate));
        let values: Vec<(String, f64)> = rate.into_iter().chain(moment.metrics()?.clone()).collect();
        let mut lines = Vec::new();
        if self.columns.is_empty() {
            self.columns = values.iter().map(|(name, _)| name.clone()).collect();
            lines.push(csv_line(std::iter::once("epoch").chain(self.columns.iter().map(String::as_str))));
        }
        if let Some((name, _)) = values.iter().find(|(name, _)| !self.columns.contains(name)) {
            return Err(Error::Training(format!(
                "{} has the columns {}, and not `{name}`: log to another file",
                self.file.path().display(),
                self.columns.join(", ")
            )));
        }
        let value = |column: &String| {
            let value = values.iter().find(|(name, _)| name == column);
            value.map(|(_, value)| value.to_string()).unwrap_or_default()
        };
        let row: Vec<String> =
            std::iter::once(moment.epoch().to_string()).chain(self.columns.iter().map(value)).collect();
        lines.push(csv_line(row.iter().map(String::as_str)));
        for line in lines {
            if let Err(error) = self.file.add(&line) {
                moment.warn(Error::io("write", self.file.path(), error).to_string());
            }
        }
        Ok(())
    }
}
