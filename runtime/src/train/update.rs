//! Tracing what a step does with gradients.

use super::loss_scale::LossScale;
use super::optimizer::Optimizer;
use super::rules::{Accumulation, Clip, Rules};
use super::run::Trained;
use crate::control::cond;
use crate::functional::Norm;
use crate::graph::Variable;
use crate::tensor::{DType, Tensor};

/// Variables that are changed together, and by what.
pub(super) struct Update<'a> {
    /// That of the variables of no group.
    pub optimizer: &'a dyn Optimizer,
    pub trained: &'a [Trained],
    pub rules: &'a Rules,
}

impl Update<'_> {
    /// Changes the variables by the gradients of the loss, which may have been scaled.
    pub fn run(&self, gradients: Vec<Tensor>) {
        let Some(scale) = &self.rules.scale else {
            self.gather(gradients);
            return;
        };
        let (gradients, finite) = scale.unscaled(&gradients);
        LossScale::guarded(&finite, || self.gather(gradients));
        scale.finish(&finite);
    }

    /// Adds the gradients up until there are enough of them.
    fn gather(&self, gradients: Vec<Tensor>) {
        let Some(Accumulation { steps, count }) = &self.rules.accumulation else {
            self.apply(gradients);
            return;
        };
        count.assign(count.value() + 1);
        for (trained, gradient) in self.trained.iter().zip(&gradients) {
            if let Some(gathered) = &trained.gathered {
                gathered.assign(gathered.value() + gradient);
            }
        }
        let enough = count.value().greater_equal(*steps);
        let change = || {
            let gathered: Vec<&Variable> =
                self.trained.iter().filter_map(|one| one.gathered.as_ref()).collect();
            self.apply(gathered.iter().map(|sum| sum.value() / *steps).collect());
            for sum in gathered {
                sum.assign(sum.value().zeros_like());
            }
            count.assign(count.value().zeros_like());
        };
        cond(&enough, change, || ());
    }

    /// Clips the gradients, and lets the optimizers change the variables.
    fn apply(&self, gradients: Vec<Tensor>) {
        // A variable that is frozen at the moment has no gradient, so it does not count in the norm of all.
        let frozen = |trained: &Trained, gradient: Tensor| match &trained.switch {
            Some(switch) => switch.value().select(&gradient, 0.0),
            None => gradient,
        };
        let gradients =
            self.trained.iter().zip(gradients).map(|(trained, gradient)| frozen(trained, gradient));
        let gradients =
            self.rules.clips.iter().fold(gradients.collect(), |gradients, clip| clipped(*clip, gradients));
        self.optimizer.begin_step();
        for group in &self.rules.groups {
            group.optimizer.begin_step();
        }
        for (at, (trained, gradient)) in self.trained.iter().zip(&gradients).enumerate() {
            let change = || self.change(at, trained, gradient);
            match &trained.switch {
                Some(switch) => cond(&switch.value(), change, || ()),
                None => change(),
            }
        }
    }

    fn change(&self, at: usize, trained: &Trained, gradient: &Tensor) {
        let Trained { variable, slots, .. } = trained;
        let optimizer = self.rules.optimizer(trained.group).unwrap_or(self.optimizer);
        let slots: Vec<Variable> = slots.iter().map(|(_, slot)| slot.clone()).collect();
        let next = optimizer.update(&variable.value(), gradient, &slots);
        let next = self.rules.constrained(at, next);
        if let (Some(decay), Some(average)) = (self.rules.average, &trained.average) {
            average.assign(average.value() * decay + &next * (1.0 - decay));
        }
        variable.assign(next);
    }
}

pub(super) fn clipped(clip: Clip, gradients: Vec<Tensor>) -> Vec<Tensor> {
    let scaled = |gradient: &Tensor, norm: &Tensor, limit: f64| {
        // The factor of gradients within the limit is 1.
        let factor = (limit / norm.maximum(limit)).cast(gradient.dtype());
        gradient * factor
    };
    match clip {
        Clip::Value(limit) => {
            gradients.iter().map(|gradient| gradient.maximum(-limit).minimum(limit)).collect()
        }
        Clip::Norm(limit) => {
            let norms = gradients.iter().map(|gradient| wide(gradient).norm(Norm::L2));
            gradients.iter().zip(norms).map(|(gradient, norm)| scaled(gradient, &norm, limit)).collect()
        }
        Clip::GlobalNorm(limit) => {
            let squares = gradients.iter().map(|gradient| wide(gradient).square().sum().cast(DType::F64));
            let Some(norm) = squares.reduce(|one, other| one + other).map(|sum| sum.sqrt()) else {
                return gradients;
            };
            gradients.iter().map(|gradient| scaled(gradient, &norm, limit)).collect()
        }
    }
}

/// Halves as `f32`, in which squares of them are of use.
fn wide(x: &Tensor) -> Tensor {
    if x.dtype() == DType::F64 { x.clone() } else { x.cast(DType::F32) }
}
