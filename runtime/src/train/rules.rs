//! What a run does around its optimizer.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::loss_scale::LossScale;
use super::optimizer::Optimizer;
use super::pattern::places;
use super::run::{Shown, Trained};
use crate::error::{Error, Result};
use crate::graph::Variable;
use crate::module::{FieldRole, Visitor};
use crate::tensor::Tensor;

/// Variables that have an optimizer of their own.
pub(super) struct Group {
    pub pattern: String,
    pub optimizer: Box<dyn Optimizer>,
}

/// What bounds gradients.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Clip {
    Value(f64),
    Norm(f64),
    GlobalNorm(f64),
}

/// A function of a variable, for those that a pattern stands for.
pub(super) struct OfVariables {
    pub pattern: String,
    pub function: Arc<dyn Fn(&Tensor) -> Tensor + Send + Sync>,
    /// Which of the trained variables they are.
    pub places: Vec<usize>,
}

/// How many steps an update waits for.
pub(super) struct Accumulation {
    pub steps: u64,
    /// The number of gradients that have been gathered.
    pub count: Variable,
}

impl Accumulation {
    pub fn new(steps: u64) -> Self {
        Self { steps, count: Variable::state(Tensor::scalar(0_u64)) }
    }
}

/// What a run does around its optimizer.
#[derive(Default)]
pub(super) struct Rules {
    pub groups: Vec<Group>,
    pub clips: Vec<Clip>,
    pub accumulation: Option<Accumulation>,
    pub average: Option<f64>,
    pub scale: Option<LossScale>,
    /// Patterns of variables that can be frozen, and whether they are trained at first.
    pub switches: Vec<(String, bool)>,
    pub penalties: Vec<OfVariables>,
    pub constraints: Vec<OfVariables>,
}

impl Rules {
    /// Gives the variables what the rules need, and checks that every rule concerns some.
    pub fn prepare(&mut self, trained: &mut [Trained]) -> Result<()> {
        self.check()?;
        let paths: Vec<String> = trained.iter().map(|trained| trained.path.clone()).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        if paths.is_empty() {
            return Ok(());
        }
        for (number, group) in self.groups.iter().enumerate() {
            for at in places("the optimizer", &group.pattern, &paths)? {
                trained[at].group.get_or_insert(number);
            }
        }
        for rule in &mut self.penalties {
            rule.places = places("the regularizer", &rule.pattern, &paths)?;
        }
        for rule in &mut self.constraints {
            rule.places = places("the constraint", &rule.pattern, &paths)?;
        }
        for (pattern, on) in &self.switches {
            for at in places("`freeze`", pattern, &paths)? {
                trained[at].switch = Some(Variable::state(Tensor::scalar(*on)));
            }
        }
        for trained in trained {
            let value = trained.variable.value();
            trained.gathered = self.accumulation.as_ref().map(|_| Variable::state(value.zeros_like()));
            trained.average = self.average.map(|_| Variable::state(value));
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        for clip in &self.clips {
            let (Clip::Value(limit) | Clip::Norm(limit) | Clip::GlobalNorm(limit)) = clip;
            if limit.is_nan() || *limit <= 0.0 {
                return Err(Error::Training(format!(
                    "gradients are clipped to {limit}: give a limit above 0, or leave clipping out"
                )));
            }
        }
        if self.accumulation.as_ref().is_some_and(|accumulation| accumulation.steps == 0) {
            return Err(Error::Training(
                "gradients are accumulated over 0 steps: give 1, which updates in every step, or more".into(),
            ));
        }
        match self.average {
            Some(decay) if !(0.0..=1.0).contains(&decay) => Err(Error::Training(format!(
                "the average of the weights decays by {decay}: give a number from 0 to 1, such as 0.999"
            ))),
            _ => self.scale.as_ref().map_or(Ok(()), LossScale::check),
        }
    }

    /// The optimizer of a group.
    pub fn optimizer(&self, group: Option<usize>) -> Option<&dyn Optimizer> {
        group.and_then(|group| self.groups.get(group)).map(|group| group.optimizer.as_ref())
    }

    /// The loss with what the regularizers add to it.
    pub fn penalised(&self, loss: Tensor, trained: &[Trained]) -> Tensor {
        let variables = self.penalties.iter().flat_map(|rule| {
            rule.places.iter().filter_map(move |&at| Some((&rule.function, trained.get(at)?)))
        });
        variables.fold(loss, |loss, (penalty, trained)| {
            let penalty = penalty(&trained.variable.value());
            let penalty = penalty.cast(loss.dtype());
            loss + penalty
        })
    }

    /// What the constraints make of the new value of a variable.
    pub fn constrained(&self, at: usize, value: Tensor) -> Tensor {
        let rules = self.constraints.iter().filter(|rule| rule.places.contains(&at));
        rules.fold(value, |value, rule| (rule.function)(&value).cast(value.dtype()))
    }

    pub fn visit(&self, visitor: &mut Visitor<'_>) {
        if !self.groups.is_empty() {
            let groups: Vec<_> = self
                .groups
                .iter()
                .map(|group| Shown::new(|visitor| group.optimizer.visit_module(visitor)))
                .collect();
            visitor.field("groups", FieldRole::State, &groups);
        }
        if let Some(accumulation) = &self.accumulation {
            visitor.field("accumulated", FieldRole::State, &accumulation.count);
        }
        if let Some(scale) = &self.scale {
            visitor.field("loss_scale", FieldRole::State, scale);
        }
    }
}
