//! Losses made greater, so that gradients in halves do not vanish.

use holotype_macros::Module;

use crate::control::cond;
use crate::error::{Error, Result};
use crate::graph::Variable;
use crate::tensor::{DType, Tensor};

/// A number that the loss is multiplied with before gradients are taken, and gradients are divided by after: small gradients then
/// do not vanish in `f16` ([Micikevicius et al. 2017](https://arxiv.org/abs/1710.03740), section 3.2).
///
/// A step whose gradients are not all finite changes no weights, no averages, and nothing that the optimizer keeps.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::LossScale;
/// let trainer = Trainer::new(Dense::new(1, 1), Adam::new(1e-3), mean_squared_error)
///     .loss_scale(LossScale::dynamic())
///     .build()?;
/// assert_eq!(trainer.variable("loss_scale.scale")?.value().to_scalar::<f32>()?, 32768.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct LossScale {
    #[module(state)]
    scale: Variable,
    /// The number of steps with finite gradients since the scale was changed.
    #[module(state)]
    good: Variable,
    /// After how many of them it is doubled; 0 if it never changes.
    every: u64,
}

impl LossScale {
    /// Always this number.
    pub fn fixed(scale: f32) -> Self {
        Self {
            scale: Variable::state(Tensor::scalar(scale)),
            good: Variable::state(Tensor::scalar(0_u64)),
            every: 0,
        }
    }

    /// From 32768 on, doubled after 2000 steps with finite gradients, halved after one without.
    pub fn dynamic() -> Self {
        Self { every: 2000, ..Self::fixed(32768.0) }
    }

    /// From this number on instead.
    pub fn initial(mut self, scale: f32) -> Self {
        self.scale = Variable::state(Tensor::scalar(scale));
        self
    }

    /// Doubled after so many steps instead.
    pub fn growth_interval(mut self, steps: u64) -> Self {
        self.every = steps;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let scale = self.scale.value().to_scalar::<f32>()?;
        if scale.is_finite() && scale > 0.0 {
            return Ok(());
        }
        Err(Error::Training(format!("the loss is scaled by {scale}: give a finite number above 0")))
    }

    /// The loss as it is differentiated.
    pub(super) fn scaled(&self, loss: &Tensor) -> Tensor {
        loss * self.scale.value().cast(loss.dtype())
    }

    /// The gradients of the loss itself, and whether all are finite.
    pub(super) fn unscaled(&self, gradients: &[Tensor]) -> (Vec<Tensor>, Tensor) {
        let unscale = |gradient: &Tensor| {
            let wide = if gradient.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
            (gradient.cast(wide) / self.scale.value().cast(wide)).cast(gradient.dtype())
        };
        let finite = gradients.iter().map(|gradient| gradient.is_finite().all());
        let finite = finite.reduce(|one, other| one.logical_and(other));
        (gradients.iter().map(unscale).collect(), finite.unwrap_or_else(|| Tensor::scalar(true)))
    }

    /// Changes the scale after a step.
    pub(super) fn finish(&self, finite: &Tensor) {
        if self.every == 0 {
            return;
        }
        let good = self.good.value() + 1;
        let doubled = good.greater_equal(self.every);
        let scale = self.scale.value();
        // No power of two beyond this one is finite when it is doubled.
        let more = doubled.select((&scale * 2.0).minimum(f64::from(f32::MAX / 2.0)), &scale);
        self.scale.assign(finite.select(more, (&scale * 0.5).maximum(1.0)));
        self.good.assign(finite.logical_and(!doubled).select(&good, 0));
    }

    /// Runs what a step changes, if its gradients are finite.
    pub(super) fn guarded(finite: &Tensor, change: impl FnOnce()) {
        cond(finite, change, || ());
    }
}
