//! What training reported.

use std::fmt;

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

/// What each epoch of one `fit` reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History(Vec<Epoch>);

impl History {
    /// The epochs in order.
    pub fn epochs(&self) -> &[Epoch] {
        &self.0
    }

    /// A metric of each epoch that reported it.
    pub fn values(&self, name: &str) -> Vec<f64> {
        self.0.iter().filter_map(|epoch| epoch.metrics.get(name)).collect()
    }

    /// A metric of the last epoch.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.0.last()?.metrics.get(name)
    }

    pub(super) fn push(&mut self, epoch: Epoch) {
        self.0.push(epoch);
    }
}
