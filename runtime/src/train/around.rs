//! Saying what a run does around its optimizer.

use std::sync::Arc;

use super::build::TrainerBuilder;
use super::loss_scale::LossScale;
use super::optimizer::Optimizer;
use super::rules::{Accumulation, Clip, Group, OfVariables};
use super::updater::Updater;
use crate::tensor::Tensor;

/// What is done around the optimizer. All of it is traced into the step, and its state is saved with the run.
///
/// Patterns stand for paths of trainable variables in the model, such as `encoder.layers.0.weights`: `*` for any characters, `?`
/// for one. A pattern that stands for no variable is an error of [`TrainerBuilder::build`].
///
/// ```
/// use holotype::layers::{Dense, Sequential};
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::optimizers::AdamW;
/// use holotype::train::schedules::CosineDecay;
///
/// let model = Sequential::new().then(Dense::new(4, 8)).then(Dense::new(8, 1));
/// let trainer = Trainer::new(model, AdamW::new(CosineDecay::new(1e-3, 1000)), mean_squared_error)
///     .group("layers.0.*", AdamW::new(1e-4))                     // a rate of their own
///     .group("*.bias", AdamW::new(1e-3).weight_decay(0.0))       // no decay
///     .clip_global_norm(1.0)
///     .accumulate(4)
///     .average(0.999)
///     .build()?;
/// assert!(trainer.variable("averages.layers.0.weights").is_ok());
/// # Ok::<(), holotype::Error>(())
/// ```
impl TrainerBuilder {
    /// Lets another optimizer, with a rate and a decay of its own, move the variables that a pattern stands for; of several
    /// patterns the first that does.
    pub fn group(mut self, pattern: &str, optimizer: impl Optimizer) -> Self {
        self.rules.groups.push(Group { pattern: pattern.to_owned(), optimizer: Box::new(optimizer) });
        self
    }

    /// Keeps each element of the gradients within `-limit..=limit`. Clippings are done in the order they are said in, of
    /// gradients that have been accumulated.
    pub fn clip_value(mut self, limit: f64) -> Self {
        self.rules.clips.push(Clip::Value(limit));
        self
    }

    /// Keeps the L2 norm of the gradient of each variable within a limit: a longer one is made that long.
    pub fn clip_norm(mut self, limit: f64) -> Self {
        self.rules.clips.push(Clip::Norm(limit));
        self
    }

    /// Keeps the L2 norm of all gradients together within a limit: longer ones are all multiplied with one number
    /// ([Pascanu et al. 2012](https://arxiv.org/abs/1211.5063), Algorithm 1).
    pub fn clip_global_norm(mut self, limit: f64) -> Self {
        self.rules.clips.push(Clip::GlobalNorm(limit));
        self
    }

    /// Adds the gradients of so many steps up, and changes the variables by their mean after the last of them; what schedules
    /// and optimizers count are these changes. Gradients that wait at the end of an epoch wait for the next one.
    pub fn accumulate(mut self, steps: u64) -> Self {
        self.rules.accumulation = Some(Accumulation::new(steps));
        self
    }

    /// Keeps a moving average of each variable, `average = decay * average + (1 - decay) * w` after each change, from its first
    /// value on ([Polyak and Juditsky 1992](https://doi.org/10.1137/0330046)).
    /// [`Trainer::with_averages`](super::Trainer::with_averages) judges, predicts or saves with them.
    pub fn average(mut self, decay: f64) -> Self {
        self.rules.average = Some(decay);
        self
    }

    /// Multiplies the loss before gradients are taken, for models that compute in `f16`.
    pub fn loss_scale(mut self, scale: LossScale) -> Self {
        self.rules.scale = Some(scale);
        self
    }

    /// Does not train the variables that a pattern stands for, until [`Trainer::unfreeze`](super::Trainer::unfreeze) says so.
    /// Those that never will be are better made with `#[module(frozen)]`: no gradient is computed for them.
    pub fn freeze(mut self, pattern: &str) -> Self {
        self.rules.switches.push((pattern.to_owned(), false));
        self
    }

    /// Trains the variables that a pattern stands for until [`Trainer::freeze`](super::Trainer::freeze) says otherwise, which a
    /// run that was loaded can say only of variables that were named here or by [`Self::freeze`].
    pub fn freezable(mut self, pattern: &str) -> Self {
        self.rules.switches.push((pattern.to_owned(), true));
        self
    }

    /// Adds to the loss what a function gives for each variable that a pattern stands for, such as those of
    /// [`regularizers`](super::regularizers).
    pub fn regularize(
        mut self,
        pattern: &str,
        penalty: impl Fn(&Tensor) -> Tensor + Send + Sync + 'static,
    ) -> Self {
        self.rules.penalties.push(OfVariables::new(pattern, penalty));
        self
    }

    /// Replaces the new value of each variable that a pattern stands for by what a function makes of it, such as those of
    /// [`constraints`](super::constraints).
    pub fn constrain(
        mut self,
        pattern: &str,
        constraint: impl Fn(&Tensor) -> Tensor + Send + Sync + 'static,
    ) -> Self {
        self.rules.constraints.push(OfVariables::new(pattern, constraint));
        self
    }
}

/// The same words, of the variables that an updater changes.
impl Updater {
    /// As [`TrainerBuilder::group`].
    pub fn group(self, pattern: &str, optimizer: impl Optimizer) -> Self {
        let group = Group { pattern: pattern.to_owned(), optimizer: Box::new(optimizer) };
        self.with(|rules| rules.groups.push(group))
    }

    /// As [`TrainerBuilder::clip_value`].
    pub fn clip_value(self, limit: f64) -> Self {
        self.with(|rules| rules.clips.push(Clip::Value(limit)))
    }

    /// As [`TrainerBuilder::clip_norm`].
    pub fn clip_norm(self, limit: f64) -> Self {
        self.with(|rules| rules.clips.push(Clip::Norm(limit)))
    }

    /// As [`TrainerBuilder::clip_global_norm`], of all gradients of this updater.
    pub fn clip_global_norm(self, limit: f64) -> Self {
        self.with(|rules| rules.clips.push(Clip::GlobalNorm(limit)))
    }

    /// As [`TrainerBuilder::accumulate`]; what is counted are calls of [`Self::minimize`] and [`Self::apply`].
    pub fn accumulate(self, steps: u64) -> Self {
        self.with(|rules| rules.accumulation = Some(Accumulation::new(steps)))
    }

    /// As [`TrainerBuilder::average`], from the values on that the variables have now.
    pub fn average(self, decay: f64) -> Self {
        self.with(|rules| rules.average = Some(decay))
    }

    /// As [`TrainerBuilder::loss_scale`], of the losses that [`Self::minimize`] is given.
    pub fn loss_scale(self, scale: LossScale) -> Self {
        self.with(|rules| rules.scale = Some(scale))
    }

    /// As [`TrainerBuilder::freeze`].
    pub fn freeze(self, pattern: &str) -> Self {
        self.with(|rules| rules.switches.push((pattern.to_owned(), false)))
    }

    /// As [`TrainerBuilder::freezable`].
    pub fn freezable(self, pattern: &str) -> Self {
        self.with(|rules| rules.switches.push((pattern.to_owned(), true)))
    }
}

impl OfVariables {
    fn new(pattern: &str, function: impl Fn(&Tensor) -> Tensor + Send + Sync + 'static) -> Self {
        Self { pattern: pattern.to_owned(), function: Arc::new(function), places: Vec::new() }
    }
}
