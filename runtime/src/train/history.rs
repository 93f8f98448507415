//! What training reported.

use std::fmt;

use super::text::{csv_line, json_object};

/// The loss and metrics by name, in the order they were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics(Vec<(String, f64)>);

impl Metrics {
    /// The value of a metric.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    pub(super) fn insert(&mut self, name: String, value: f64) {
        self.0.push((name, value));
    }
}

impl FromIterator<(String, f64)> for Metrics {
    fn from_iter<I: IntoIterator<Item = (String, f64)>>(metrics: I) -> Self {
        Self(metrics.into_iter().collect())
    }
}

impl IntoIterator for Metrics {
    type Item = (String, f64);
    type IntoIter = std::vec::IntoIter<(String, f64)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
        f.write_str(&parts.join("  "))
    }
}

/// What one epoch reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Epoch {
    /// The number of the epoch in the run, counted from 1.
    pub number: u64,
    /// The loss and the metrics, those of the validation data with `val_` before their names.
    pub metrics: Metrics,
}

/// Something that did not stop training and that somebody should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The callback that warns.
    pub callback: String,
    /// The epoch, counted from 1.
    pub epoch: u64,
    /// How many steps of the epoch had been taken.
    pub step: u64,
    /// What it is, and what to do.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}, step {}: {}: {}", self.epoch, self.step, self.callback, self.message)
    }
}

/// What each epoch of one `fit` reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    epochs: Vec<Epoch>,
    warnings: Vec<Warning>,
    stopped: Option<String>,
}

impl History {
    /// The epochs in order.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// A metric of each epoch that reported it.
    pub fn values(&self, name: &str) -> Vec<f64> {
        self.epochs.iter().filter_map(|epoch| epoch.metrics.get(name)).collect()
    }

    /// A metric of the last epoch.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.epochs.last()?.metrics.get(name)
    }

    /// The epochs as comma-separated values (RFC 4180): a line of names, then a line for each epoch.
    ///
    /// ```
    /// # use holotype::layers::Dense;
    /// # use holotype::losses::mean_squared_error;
    /// # use holotype::prelude::*;
    /// # let x = Tensor::from([[0.0_f32], [1.0]]);
    /// # let data = Dataset::new(&x, &x)?;
    /// # let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.5), mean_squared_error).build()?;
    /// let history = trainer.fit(&data, Fit::epochs(2).validation(&data).quiet())?;
    /// assert!(history.to_csv().starts_with("epoch,loss,val_loss\n1,"));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    pub fn to_csv(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.epochs.iter().flat_map(|epoch| epoch.metrics.iter()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut text = csv_line(std::iter::once("epoch").chain(names.iter().copied())) + "\n";
        for epoch in &self.epochs {
            let value = |name: &&str| epoch.metrics.get(name).map(|value| value.to_string());
            let values = names.iter().map(|name| value(name).unwrap_or_default());
            let fields: Vec<String> = std::iter::once(epoch.number.to_string()).chain(values).collect();
            text.push_str(&csv_line(fields.iter().map(String::as_str)));
            text.push('\n');
        }
        text
    }

    /// The epochs as a list of objects of JSON; a number that is not finite is null.
    ///
    /// ```
    /// # use holotype::layers::Dense;
    /// # use holotype::losses::mean_squared_error;
    /// # use holotype::prelude::*;
    /// # let x = Tensor::from([[0.0_f32], [1.0]]);
    /// # let data = Dataset::new(&x, &x)?;
    /// # let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.5), mean_squared_error).build()?;
    /// let history = trainer.fit(&data, Fit::epochs(2).quiet())?;
    /// assert!(history.to_json().starts_with(r#"[{"epoch":1,"loss":"#));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        let epoch = |epoch: &Epoch| json_object(&[("epoch", epoch.number)], &epoch.metrics);
        format!("[{}]", self.epochs.iter().map(epoch).collect::<Vec<_>>().join(",\n"))
    }

    /// What callbacks warned of, such as a checkpoint that could not be written.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Why the fit stopped before its last epoch: the name of the callback that asked for it, and its reason.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    pub(super) fn push(&mut self, epoch: Epoch) {
        self.epochs.push(epoch);
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    pub(super) fn set_stopped(&mut self, reason: Option<&str>) {
        self.stopped = reason.map(str::to_owned);
    }
}
