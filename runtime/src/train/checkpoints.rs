//! Checkpoints of a run: several saved runs in one directory, of which the newest and the best are kept.

use std::cmp::Ordering;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::callbacks::Better;
use super::history::Metrics;
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::sorted;
use crate::store::{Disk, FileKind, FileSystem, Load, Save, Snapshot};

/// The name of a checkpoint is this and its number.
const PREFIX: &str = "checkpoint-";
/// What a checkpoint says of itself stands in this file of its directory, which is there before the run is.
const RECORD: &str = "assets/checkpoint.json";
/// The file whose coming into place makes a directory a saved run.
const DEFINITION: &str = "saved_model.bin";

/// A checkpoint that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckpointRecord {
    /// The number, one more than that of the checkpoint before.
    pub number: u64,
    /// The directory: a saved run, which [`load`](crate::load) takes.
    pub path: PathBuf,
    /// The epoch that the run was in or had ended, counted from 1.
    pub epoch: u64,
    /// How many steps of the epoch had been taken.
    pub step: u64,
    /// When it was taken, in seconds since 1970.
    pub time: u64,
    /// What the run reported there.
    pub metrics: Metrics,
}

/// The file of a record; a number that JSON does not have is none.
#[derive(Serialize, Deserialize)]
struct Written {
    epoch: u64,
    step: u64,
    time: u64,
    metrics: Vec<(String, Option<f64>)>,
}

/// The checkpoints of a run in a directory.
///
/// Each is a saved run of its own and is there as a whole or not at all, whatever fails and whenever the process ends. The newest one
/// always stays. Only what a manager has written is ever removed.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::CheckpointManager;
/// use holotype::train::callbacks::Checkpoint;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let directory = folder.path();
/// let x = Tensor::from([[0.0_f32], [1.0]]);
/// let data = Dataset::new(&x, &x * 2.0)?;
/// let build = || Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build();
/// let checkpoints = CheckpointManager::new(directory).keep_last(2).keep_best("loss", 1);
///
/// let mut trainer = build()?;
/// trainer.fit(&data, Fit::until_epoch(5).quiet().callback(Checkpoint::new(checkpoints.clone())))?;
/// assert_eq!(checkpoints.latest()?.unwrap().epoch, 5);
///
/// // After a crash: from the newest checkpoint, or from the start if there is none.
/// let mut trainer = build()?;
/// checkpoints.resume(&mut trainer)?;
/// let history = trainer.fit(&data, Fit::until_epoch(7).quiet().callback(Checkpoint::new(checkpoints.clone())))?;
/// assert_eq!(history.epochs()[0].number, 6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone)]
pub struct CheckpointManager {
    directory: PathBuf,
    disk: Arc<dyn Disk>,
    last: usize,
    best: Option<(String, Better, usize)>,
}

impl CheckpointManager {
    /// The checkpoints in a directory, which need not be there yet; the last 5 are kept.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), disk: Arc::new(FileSystem), last: 5, best: None }
    }

    /// Keeps the newest ones, at least one.
    pub fn keep_last(mut self, count: usize) -> Self {
        self.last = count.max(1);
        self
    }

    /// Keeps all.
    pub fn keep_all(self) -> Self {
        self.keep_last(usize::MAX)
    }

    /// Also keeps those with the best values of a metric; [`Better::Auto`] says what is better.
    pub fn keep_best(self, metric: impl Into<String>, count: usize) -> Self {
        self.keep_best_by(metric, Better::Auto, count)
    }

    /// As [`Self::keep_best`], and says what is better.
    pub fn keep_best_by(mut self, metric: impl Into<String>, better: Better, count: usize) -> Self {
        self.best = Some((metric.into(), better, count));
        self
    }

    /// Uses another kind of disk.
    pub fn disk(mut self, disk: Arc<dyn Disk>) -> Self {
        self.disk = disk;
        self
    }

    /// The checkpoints that are there, oldest first.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the path is that of a file; what the system says.
    pub fn list(&self) -> Result<Vec<CheckpointRecord>> {
        let records = self.numbers()?.into_iter().filter_map(|number| self.record(number));
        Ok(records.collect())
    }

    /// The newest checkpoint.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub fn latest(&self) -> Result<Option<CheckpointRecord>> {
        Ok(self.list()?.pop())
    }

    /// The checkpoint with the best value of a metric, the newest of equal ones. What is better is as in [`Self::keep_best_by`], if
    /// that names the metric.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub fn best(&self, metric: &str) -> Result<Option<CheckpointRecord>> {
        let better = match &self.best {
            Some((name, better, _)) if name == metric => *better,
            _ => Better::Auto,
        };
        Ok(ranked(self.list()?, metric, better).into_iter().next())
    }

    /// Saves a run as the next checkpoint, with what it reported, and removes those that are not kept.
    ///
    /// # Errors
    /// As [`Trainer::save`]; the checkpoints before stay.
    pub fn save(&self, trainer: &Trainer, metrics: Metrics) -> Result<CheckpointRecord> {
        let done = trainer.epochs()?;
        let within = trainer.position.sample()? > 0;
        self.write(&Snapshot::of(trainer.program())?, done + u64::from(within), 0, metrics)
    }

    /// Gives a run the state of the newest checkpoint that can be read, and says which it was; none if there are none.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if it is one of another model, loss, optimizer or metrics; what is wrong with the newest one if none can
    /// be read.
    pub fn resume(&self, trainer: &mut Trainer) -> Result<Option<CheckpointRecord>> {
        let mut first_error = None;
        for record in self.list()?.into_iter().rev() {
            match trainer.resume_with(&self.load_with(), &record.path) {
                Ok(()) => return Ok(Some(record)),
                Err(error @ Error::Checkpoint { .. }) => return Err(error),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        first_error.map_or(Ok(None), Err)
    }

    /// A run without code as it was at a checkpoint.
    ///
    /// # Errors
    /// As [`load`](crate::load) and [`Program::into_trainer`](crate::module::Program::into_trainer).
    pub fn load(&self, record: &CheckpointRecord) -> Result<Trainer> {
        self.load_with().load(&record.path)?.into_trainer()
    }

    /// Removes what is not kept, and what is left of checkpoints that were never finished.
    ///
    /// # Errors
    /// What the system says of the directory; what cannot be removed now is removed the next time.
    pub fn clean(&self) -> Result<()> {
        let lock = self.disk.lock(&self.directory);
        let _lock = lock.map_err(|error| Error::io("lock", &self.directory, error))?;
        self.sweep(None)
    }

    fn load_with(&self) -> Load {
        // A checkpoint may be removed while the run goes on.
        Load::new().disk(self.disk.clone()).copied()
    }

    /// Writes the next checkpoint.
    pub(super) fn write(
        &self,
        snapshot: &Snapshot,
        epoch: u64,
        step: u64,
        metrics: Metrics,
    ) -> Result<CheckpointRecord> {
        let make = |path: &Path| {
            let made = self.disk.create_dir_all(path);
            made.map_err(|error| Error::io("create", path, error))
        };
        if !self.is_there()? {
            make(&self.directory)?;
        }
        let lock = self.disk.lock(&self.directory);
        let _lock = lock.map_err(|error| Error::io("lock", &self.directory, error))?;
        let number = self.numbers()?.last().map_or(1, |last| last + 1);
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let record = CheckpointRecord { number, path: self.path(number), epoch, step, time, metrics };
        let numbers =
            record.metrics.iter().map(|(name, value)| (name.to_owned(), value.is_finite().then_some(value)));
        let written = Written { epoch, step, time, metrics: numbers.collect() };
        let put = || {
            let path = record.path.join(RECORD);
            make(path.parent().unwrap_or(&record.path))?;
            let text = serde_json::to_vec_pretty(&written)
                .map_err(|error| Error::format(&path, error.to_string()))?;
            let write = self.disk.write(&path, &[&text]).and_then(|()| self.disk.sync(&path));
            write.map_err(|error| Error::io("write", &path, error))?;
            Save::new().disk(self.disk.clone()).snapshot(snapshot, &record.path)?;
            self.disk
                .sync(&self.directory)
                .map_err(|error| Error::io("write to disk", &self.directory, error))
        };
        if let Err(error) = put() {
            self.remove(number);
            return Err(error);
        }
        // The checkpoint is there; what cannot be removed now is removed the next time.
        let _ = self.sweep(Some(number));
        Ok(record)
    }

    /// Removes what is not kept.
    fn sweep(&self, newest: Option<u64>) -> Result<()> {
        let records = self.list()?;
        let mut kept: Vec<u64> = records.iter().rev().take(self.last).map(|record| record.number).collect();
        kept.extend(newest);
        if let Some((metric, better, count)) = &self.best {
            let best = ranked(records, metric, *better);
            kept.extend(best.iter().take(*count).map(|record| record.number));
        }
        for number in self.numbers()?.into_iter().filter(|number| !kept.contains(number)) {
            self.remove(number);
        }
        Ok(())
    }

    /// Removes a checkpoint: first what makes it one, so that no part of it is ever taken for the whole.
    fn remove(&self, number: u64) {
        let path = self.path(number);
        let _ = self.disk.remove(&path.join(DEFINITION)).and_then(|()| self.disk.sync(&path));
        for directory in [path.join("variables"), path.join("assets"), path.clone()] {
            for name in self.disk.list(&directory).unwrap_or_default() {
                let _ = self.disk.remove(&directory.join(name));
            }
            let _ = self.disk.remove_dir(&directory);
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.directory.join(format!("{PREFIX}{number:08}"))
    }

    /// Whether the directory is there.
    fn is_there(&self) -> Result<bool> {
        let kind = self.disk.kind(&self.directory);
        match kind.map_err(|error| Error::io("read", &self.directory, error))? {
            None => Ok(false),
            Some(FileKind::Directory) => Ok(true),
            Some(_) => Err(Error::Checkpoint {
                path: self.directory.clone(),
                message: "checkpoints lie in a directory, and this is a file: give the manager another path, or move the file away"
                    .into(),
            }),
        }
    }

    /// The numbers of all checkpoints, also of those that were never finished, in order.
    fn numbers(&self) -> Result<Vec<u64>> {
        if !self.is_there()? {
            return Ok(Vec::new());
        }
        let fail = |error| Error::io("read", &self.directory, error);
        let names = self.disk.list(&self.directory).map_err(fail)?;
        let number = |name: String| name.strip_prefix(PREFIX)?.parse().ok();
        let mut numbers: Vec<u64> = names.into_iter().filter_map(number).collect();
        sorted::sort(&mut numbers);
        Ok(numbers)
    }

    /// What a checkpoint says of itself, if it is a whole one.
    fn record(&self, number: u64) -> Option<CheckpointRecord> {
        let path = self.path(number);
        let is_whole = matches!(self.disk.kind(&path.join(DEFINITION)), Ok(Some(FileKind::File)));
        let (_, mut file) = is_whole.then(|| self.disk.open(&path.join(RECORD)).ok()).flatten()?;
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        let Written { epoch, step, time, metrics: numbers } = serde_json::from_str(&text).ok()?;
        let mut metrics = Metrics::default();
        for (name, value) in numbers {
            metrics.insert(name, value.unwrap_or(f64::NAN));
        }
        Some(CheckpointRecord { number, path, epoch, step, time, metrics })
    }
}

/// The checkpoints that have a value of a metric, best first, the newest of equal ones first.
fn ranked(records: Vec<CheckpointRecord>, metric: &str, better: Better) -> Vec<CheckpointRecord> {
    let value = |record: &CheckpointRecord| record.metrics.get(metric).unwrap_or(f64::NAN);
    let mut records: Vec<_> = records.into_iter().filter(|record| !value(record).is_nan()).collect();
    sorted::sort_by(&mut records, &|left, right| {
        let (a, b) = (value(left), value(right));
        let order = if a == b {
            Ordering::Equal
        } else if better.improves(metric, a, b, 0.0) {
            Ordering::Less
        } else {
            Ordering::Greater
        };
        order.then(right.number.cmp(&left.number))
    });
    records
}
