//! A metric that a callback looks at, and what is better.

use super::moment::Moment;
use crate::error::{Error, Result};

/// Which of two values of a metric is the better one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Better {
    /// The higher one, if the name of the metric has `acc`, `auc`, `f1`, `precision`, `recall`, `iou` or `r2` in it, else the lower
    /// one.
    #[default]
    Auto,
    /// The lower one.
    Lower,
    /// The higher one.
    Higher,
}

/// The parts of names of metrics that are better when they are higher.
const HIGHER: [&str; 7] = ["acc", "auc", "f1", "precision", "recall", "iou", "r2"];

impl Better {
    /// Whether `value` is better than `best` by more than `delta`; NaN never is, and everything else is better than NaN.
    pub(in super::super) fn improves(self, metric: &str, value: f64, best: f64, delta: f64) -> bool {
        if best.is_nan() {
            return !value.is_nan();
        }
        if self.is_higher(metric) { value > best + delta } else { value < best - delta }
    }

    /// The value that every other one is better than.
    pub(super) fn worst(self, metric: &str) -> f64 {
        if self.is_higher(metric) { f64::NEG_INFINITY } else { f64::INFINITY }
    }

    fn is_higher(self, metric: &str) -> bool {
        match self {
            Self::Auto => HIGHER.iter().any(|part| metric.contains(part)),
            Self::Lower => false,
            Self::Higher => true,
        }
    }
}

/// The value of a metric at the end of an epoch.
pub(super) fn monitored(moment: &mut Moment<'_>, name: &str) -> Result<f64> {
    let metrics = moment.metrics()?;
    metrics.get(name).ok_or_else(|| {
        let known: Vec<_> = metrics.iter().map(|(name, _)| format!("`{name}`")).collect();
        let advice =
            if name.starts_with("val_") { "; the fit needs `.validation(&data)` for it" } else { "" };
        Error::Training(format!("there is no metric `{name}`; there are {}{advice}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_metric_says_what_is_better() {
        assert!(Better::Auto.improves("val_accuracy", 0.9, 0.8, 0.0));
        assert!(Better::Auto.improves("val_loss", 0.1, 0.2, 0.0));
        assert!(!Better::Auto.improves("loss", 0.1, 0.2, 0.15));
        assert!(Better::Higher.improves("loss", 0.3, 0.2, 0.05));
        assert!(!Better::Lower.improves("loss", f64::NAN, f64::INFINITY, 0.0));
    }
}
