//! What a run reports: means of functions, and metrics with state.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::graph::Variable;
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::module::Visitor;
use crate::tensor::{DType, Tensor};

/// A loss or metric of a run.
pub(super) struct Measure {
    pub name: String,
    kind: Kind,
}

enum Kind {
    /// The mean of a function over all samples.
    Mean {
        function: Arc<dyn Loss>,
        total: Variable,
        count: Variable,
    },
    State(Arc<dyn Metric>),
}

/// A loss or metric that has no place in a run yet; made by [`IntoMeasure`].
pub struct Unplaced(Measure);

impl Unplaced {
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
        let zero = || Variable::state(Tensor::scalar(0.0_f64));
        let name = self.name();
        Unplaced(Measure {
            name,
            kind: Kind::Mean { function: Arc::new(self), total: zero(), count: zero() },
        })
    }
}

#[diagnostic::do_not_recommend]
impl<M: Metric> IntoMeasure<OfState> for M {
    fn into_measure(self) -> Unplaced {
        Unplaced(Measure { name: Metric::name(&self), kind: Kind::State(Arc::new(self)) })
    }
}

impl Measure {
    /// Takes a batch of so many samples in; gives what the function says of it.
    pub fn update(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        samples: &Tensor,
        change: impl FnOnce(Tensor) -> Tensor,
    ) -> Result<Option<Tensor>> {
        let (function, total, count) = match &self.kind {
            Kind::Mean { function, total, count } => (function, total, count),
            Kind::State(metric) => {
                metric.update(y_true, y_pred);
                return Ok(None);
            }
        };
        let value = function.compute(y_true, y_pred).ok()?;
        if value.rank() != 0 || !value.dtype().is_float() {
            return Err(Error::Training(format!(
                "`{}` gives {}, and a loss or metric gives one float number: end it with `.mean()` or `.sum()`",
                self.name,
                value.describe()
            )));
        }
        let value = change(value);
        total.assign(total + value.cast(DType::F64) * samples);
        count.assign(count + samples);
        Ok(Some(value))
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
            Kind::Mean { function, .. } => function.module(),
            Kind::State(_) => None,
        };
        module.inspect(|module| module.visit_module(visitor)).is_some()
    }

    /// Whether it is a module with configuration.
    pub fn is_module(&self) -> bool {
        matches!(&self.kind, Kind::Mean { function, .. } if function.module().is_some())
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
