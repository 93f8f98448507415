//! Learning rates: numbers, which can be changed, and schedules.

use holotype_macros::Module;

use super::schedule::Schedule;
use crate::error::Result;
use crate::graph::Variable;
use crate::module::{Field, Source, Visitor};
use crate::tensor::{DType, Tensor};

/// A learning rate, as a field of an optimizer: a number, which `Trainer::set_learning_rate` changes, or a [`Schedule`].
///
/// An optimizer that has one calls [`Rate::begin_step`] in its own `begin_step`, and reads [`Rate::value`] in `update`.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::tensor::TensorType;
/// use holotype::train::Rate;
/// use holotype::train::schedules::CosineDecay;
///
/// /// `w - rate * sign(g)`
/// #[derive(Module)]
/// struct SignDescent {
///     learning_rate: Rate,
/// }
///
/// #[optimizer]
/// impl Optimizer for SignDescent {
///     fn slots(&self, _: &TensorType) -> Vec<(&'static str, Tensor)> {
///         Vec::new()
///     }
///
///     fn begin_step(&self) {
///         self.learning_rate.begin_step();
///     }
///
///     fn update(&self, value: &Tensor, gradient: &Tensor, _: &[Variable]) -> Tensor {
///         value - gradient.sign() * self.learning_rate.value().cast(value.dtype())
///     }
/// }
///
/// let number = SignDescent { learning_rate: 0.1.into() };
/// let schedule = SignDescent { learning_rate: CosineDecay::new(0.1, 1000).into() };
/// assert_eq!(number.learning_rate.value().to_scalar::<f32>()?, 0.1);
/// assert_eq!(schedule.learning_rate.value().to_scalar::<f64>()?, 0.1);
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct Rate(Kind);

enum Kind {
    Number(Variable),
    Schedule(Scheduled),
}

/// A schedule, and how far it is.
#[derive(Module)]
struct Scheduled {
    schedule: Box<dyn Schedule>,
    /// The number of steps taken.
    #[module(state)]
    step: Variable,
}

impl Rate {
    /// Begins a step: the first has number 0.
    pub fn begin_step(&self) {
        if let Kind::Schedule(Scheduled { step, .. }) = &self.0 {
            step.assign(step.value() + 1);
        }
    }

    /// The rate of the step that has begun; before any, that of the first. One float number: `f32` if it was given as a
    /// number, or what the schedule gives.
    pub fn value(&self) -> Tensor {
        match &self.0 {
            Kind::Number(number) => number.value(),
            Kind::Schedule(Scheduled { schedule, step }) => {
                schedule.rate(&(step.value() - 1).maximum(0).cast(DType::F64))
            }
        }
    }
}

impl From<f32> for Rate {
    fn from(rate: f32) -> Self {
        Self(Kind::Number(Variable::state(Tensor::scalar(rate))))
    }
}

impl From<f64> for Rate {
    fn from(rate: f64) -> Self {
        Self::from(rate as f32)
    }
}

impl<S: Schedule> From<S> for Rate {
    fn from(schedule: S) -> Self {
        let step = Variable::state(Tensor::scalar(0_i64));
        Self(Kind::Schedule(Scheduled { schedule: Box::new(schedule), step }))
    }
}

impl Field for Rate {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        match &self.0 {
            Kind::Number(number) => number.visit(visitor),
            Kind::Schedule(scheduled) => visitor.module(scheduled),
        }
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        if source.is_variable()? {
            return Variable::rebuild(source).map(Kind::Number).map(Self);
        }
        source.module().map(Kind::Schedule).map(Self)
    }
}
