//! What a run reports: means of functions, and metrics with state.

use std::sync::Arc;

use super::weighted::{OfSamples, of_samples};
use crate::error::{Error, Result};
use crate::graph::Variable;
use crate::losses::{Loss, LossPart};
use crate::metrics::Metric;
use crate::module::Visitor;
use crate::tensor::{DType, Tensor};

/// A loss or metric of a run.
pub(super) struct Measure {
    pub name: String,
    /// The output of the model that it looks at; none for the only one.
    pub output: Option<String>,
    pub role: Role,
    kind: Kind,
}

/// What a measure is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    /// It is made small, and counts this much.
    Loss(f64),
    /// It is reported.
    Metric,
    /// It is reported, and samples count as much as their weights say.
    Weighted,
    /// It is the sum of losses that are reported by themselves.
    Sum,
}

enum Kind {
    /// The mean of a function over all samples; without a function that of numbers it is given.
    Mean {
        function: Option<Arc<dyn Loss>>,
        total: Variable,
        count: Variable,
    },
    State(Arc<dyn Metric>),
}

/// A batch as an output of the model sees it.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub y_true: &'a Tensor,
    pub y_pred: &'a Tensor,
    /// The number of samples, as an `f64`.
    pub samples: &'a Tensor,
    /// How much each sample counts.
    pub weights: Option<&'a Tensor>,
}

/// A loss or metric that has no place in a run yet; made by [`IntoMeasure`].
pub struct Unplaced(Measure);

impl Unplaced {
    /// The mean of numbers that the step works out.
    pub(super) fn sum() -> Self {
        Self(Measure { role: Role::Sum, ..Measure::mean("loss".to_owned(), None) })
    }

    /// One of several losses.
    pub(super) fn part(part: &LossPart) -> Self {
        let mean = Measure::mean(format!("{}_loss", part.output), Some(part.loss.clone()));
        Self(Measure { output: Some(part.output.clone()), role: Role::Loss(part.weight), ..mean })
    }

    pub(super) fn with(self, output: Option<&str>, role: Role) -> Self {
        let Self(measure) = self;
        let (output, prefix) = match output {
            Some(output) => (Some(output.to_owned()), format!("{output}_")),
            None => (None, String::new()),
        };
        Self(Measure { name: format!("{prefix}{}", measure.name), output, role, ..measure })
    }

    pub(super) fn named(self, name: String) -> Measure {
        Measure { name, ..self.0 }
    }

    pub(super) fn name(&self) -> &str {
        &self.0.name
    }
}

/// Says of what kind a metric is, so that functions and modules can stand in the same place.
pub struct OfFunction(());
/// Says of what kind a metric is, so that functions and modules can stand in the same place.
pub struct OfState(());

/// What a trainer reports: a function or a [`Loss`], whose mean over all samples is shown, or a [`Metric`] with state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "a metric is a function `fn(y_true: &Tensor, y_pred: &Tensor) -> Tensor`, whose mean is reported, and is not called here",
    note = "or a module with `#[metric]` on its `impl Metric`, which keeps state"
)]
pub trait IntoMeasure<Kind> {
    #[doc(hidden)]
    fn into_measure(self) -> Unplaced;
}

#[diagnostic::do_not_recommend]
impl<L: Loss> IntoMeasure<OfFunction> for L {
    fn into_measure(self) -> Unplaced {
        Unplaced(Measure::mean(self.name(), Some(Arc::new(self))))
    }
}

#[diagnostic::do_not_recommend]
impl<M: Metric> IntoMeasure<OfState> for M {
    fn into_measure(self) -> Unplaced {
        Unplaced(Measure {
            name: Metric::name(&self),
            output: None,
            role: Role::Metric,
            kind: Kind::State(Arc::new(self)),
        })
    }
}

impl Measure {
    fn mean(name: String, function: Option<Arc<dyn Loss>>) -> Self {
        let zero = || Variable::state(Tensor::scalar(0.0_f64));
        Self {
            name,
            output: None,
            role: Role::Metric,
            kind: Kind::Mean { function, total: zero(), count: zero() },
        }
    }

    /// Takes a batch in; gives what a function says of it.
    pub fn update(&self, seen: &Seen<'_>, change: impl FnOnce(Tensor) -> Tensor) -> Result<Option<Tensor>> {
        let function = match &self.kind {
            Kind::Mean { function: Some(function), .. } => function,
            Kind::Mean { function: None, .. } => return Ok(None),
            Kind::State(metric) => {
                match seen.weights.filter(|_| self.role == Role::Weighted) {
                    Some(weights) => metric.update_weighted(seen.y_true, seen.y_pred, weights)?,
                    None => metric.update(seen.y_true, seen.y_pred),
                }
                return Ok(None);
            }
        };
        let weights = if self.role == Role::Metric { None } else { seen.weights };
        let OfSamples { value, share } = of_samples(&self.name, function.as_ref(), seen, weights)?;
        if self.role == Role::Weighted
            && let Some(share) = share
        {
            self.add(&(value.cast(DType::F64) * seen.samples), &share);
            return Ok(None);
        }
        let value = change(value);
        self.add_mean(&value, seen.samples);
        Ok(Some(value))
    }

    /// Computes it of targets and an output, for what cannot be computed of them.
    pub fn try_on(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<()> {
        match &self.kind {
            Kind::Mean { function, .. } => {
                function.as_ref().map_or(Ok(()), |function| function.compute(y_true, y_pred).ok().map(|_| ()))
            }
            Kind::State(metric) => {
                metric.update(y_true, y_pred);
                Ok(())
            }
        }
    }

    /// Takes the mean of so many samples in.
    pub fn add_mean(&self, mean: &Tensor, samples: &Tensor) {
        self.add(&(mean.cast(DType::F64) * samples), samples);
    }

    fn add(&self, sum: &Tensor, number: &Tensor) {
        if let Kind::Mean { total, count, .. } = &self.kind {
            total.assign(total + sum);
            count.assign(count + number);
        }
    }

    /// What is reported, with names: one number, or each of the elements of a tensor.
    pub fn result(&self) -> Result<Vec<(String, Tensor)>> {
        let metric = match &self.kind {
            Kind::Mean { total, count, .. } => return Ok(vec![(self.name.clone(), total / count)]),
            Kind::State(metric) => metric,
        };
        let result = metric.result().ok()?;
        let Some(sizes) = result.shape().concrete() else {
            return Err(Error::Training(format!(
                "`{}` gives {}, and a metric gives a number, or a tensor of a fixed shape",
                self.name,
                result.describe()
            )));
        };
        let result = result.cast(DType::F64);
        if sizes.is_empty() {
            return Ok(vec![(self.name.clone(), result)]);
        }
        let mut elements = vec![(self.name.clone(), result)];
        for _ in &sizes {
            let parts = elements.iter().flat_map(|(name, part)| {
                part.unstack(0).into_iter().enumerate().map(move |(at, part)| (format!("{name}.{at}"), part))
            });
            elements = parts.collect();
        }
        Ok(elements)
    }

    /// Sets it back.
    pub fn reset(&self) {
        match &self.kind {
            Kind::Mean { total, count, .. } => {
                total.assign(Tensor::scalar(0.0_f64));
                count.assign(Tensor::scalar(0.0_f64));
            }
            Kind::State(metric) => metric.reset(),
        }
    }

    /// The loss or metric as a module, if it is one.
    pub fn visit_module(&self, visitor: &mut Visitor<'_>) -> bool {
        let module = match &self.kind {
            Kind::Mean { function, .. } => function.as_ref().and_then(|function| function.module()),
            Kind::State(_) => None,
        };
        module.inspect(|module| module.visit_module(visitor)).is_some()
    }

    /// Whether it is a module with configuration.
    pub fn is_module(&self) -> bool {
        matches!(&self.kind, Kind::Mean { function: Some(function), .. } if function.module().is_some())
    }

    /// Its state.
    pub fn visit(&self, visitor: &mut Visitor<'_>) {
        match &self.kind {
            Kind::Mean { total, count, .. } => {
                let parts = [("total", total), ("count", count)];
                let parts = parts.map(|(name, part)| (name.to_owned(), part.clone()));
                visitor.map(parts.iter().map(|(name, part)| (name, part)));
            }
            Kind::State(metric) => metric.visit_module(visitor),
        }
    }
}
