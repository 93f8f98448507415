//! Optimizers as parts of a model, for training steps of one's own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::beside::note_update;
use super::module_gradients::{ModuleGradients, OfVariable, gradients, trainable};
use super::optimizer::Optimizer;
use super::pattern::matches;
use super::rules::{Accumulation, Clip, Group, Rules};
use super::run::{Trained, beside, by_name};
use super::step::THE_LOSS;
use super::update::Update;
use crate::error::{Error, Location, Result};
use crate::graph::{Variable, leave_failure};
use crate::module::{Field, FieldName, FieldRole, Module, ModuleType, Source, Visitor};
use crate::tensor::{Repr, Tensor};

/// An optimizer with what it keeps for the variables of a module: a field of a model that has a [training step of its
/// own](super::TrainStep). A model may have several, each for some of its modules.
///
/// What is done around it is said in the words of a [`TrainerBuilder`](super::TrainerBuilder), of which patterns stand for paths
/// in the module. What a builder says of losses and values (`regularize`, `constrain`) the step computes itself.
///
/// What the optimizer keeps are variables under the path of the field, so they are saved with the model.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::prelude::*;
/// use holotype::train::Updater;
///
/// #[derive(Module)]
/// struct Fitted {
///     model: Dense,
///     updater: Updater,
/// }
///
/// #[layer]
/// impl Fitted {
///     #[signature(x = [batch, 2; f32])]
///     fn call(&self, x: &Tensor) -> Tensor {
///         self.model.call(x)
///     }
/// }
///
/// #[train_step]
/// impl Fitted {
///     #[signature(x = [batch, 2; f32], target = [batch, 1; f32])]
///     fn train_step(&self, x: &Tensor, target: &Tensor) -> Tensor {
///         let loss = (self.model.call(x) - target).square().mean();
///         self.updater.minimize(&loss, &self.model)
///     }
/// }
///
/// let model = Dense::new(2, 1);
/// let updater = Updater::new(Adam::new(0.05), &model)
///     .group("bias", Sgd::new(0.1))
///     .clip_global_norm(1.0)
///     .accumulate(2)
///     .average(0.9)
///     .freezable("bias");
/// let mut trainer = Trainer::with_step(Fitted { model, updater })?;
/// trainer.set_learning_rate(0.02)?;
/// trainer.set_learning_rate_of("updater.groups.0", 0.05)?;
/// trainer.freeze("model.bias")?;
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct Updater {
    optimizer: Box<dyn Optimizer>,
    /// By the path of a variable in the module, and by name.
    slots: BTreeMap<String, BTreeMap<String, Variable>>,
    rules: Rules,
    switches: BTreeMap<String, Variable>,
    gathered: BTreeMap<String, Variable>,
    averages: BTreeMap<String, Variable>,
    /// The variables that it was made for; none of one that was rebuilt.
    variables: Vec<(String, Variable)>,
    /// What is wrong with the rules, which is said where the step is traced.
    failure: Option<Error>,
}

/// What rules hold that is no variable and no optimizer.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Said {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    clips: Vec<Clip>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accumulate: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    average: Option<f64>,
    /// The patterns of the groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
}

impl Updater {
    /// An optimizer for the trainable variables of a module, or of a tuple or a list of modules.
    pub fn new(optimizer: impl Optimizer, module: &impl Field) -> Self {
        let updater = Self {
            optimizer: Box::new(optimizer),
            slots: BTreeMap::new(),
            rules: Rules::default(),
            switches: BTreeMap::new(),
            gathered: BTreeMap::new(),
            averages: BTreeMap::new(),
            // A module that cannot be described is refused where the model around it is traced.
            variables: trainable(module).unwrap_or_default(),
            failure: None,
        };
        updater.with(|_| ())
    }

    /// With other rules, and what they need for each variable.
    pub(super) fn with(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        if self.variables.is_empty() && !self.slots.is_empty() {
            let message = "an updater that was restored keeps the rules that it was saved with: make one with other rules by \
                           `Updater::new`";
            self.failure = Some(Error::Training(message.into()));
            return self;
        }
        change(&mut self.rules);
        self.prepared()
    }

    /// With what the rules need for each variable.
    fn prepared(mut self) -> Self {
        let trained = self.variables.iter().map(|(path, variable)| Trained::new(path, variable.clone()));
        let mut trained: Vec<Trained> = trained.collect();
        self.failure = self.rules.prepare(&mut trained).err();
        self.switches = beside(&trained, |each| each.switch.as_ref());
        self.gathered = beside(&trained, |each| each.gathered.as_ref());
        self.averages = beside(&trained, |each| each.average.as_ref());
        let slots = trained.iter().map(|Trained { path, variable, group, .. }| {
            let slots = self.optimizer_of(*group).slots(variable.kind()).into_iter();
            let slots = slots.map(|(name, value)| (name.to_owned(), Variable::state(value)));
            (path.clone(), by_name(slots))
        });
        self.slots = by_name(slots);
        self
    }

    fn optimizer_of(&self, group: Option<usize>) -> &dyn Optimizer {
        self.rules.optimizer(group).unwrap_or(self.optimizer.as_ref())
    }

    /// Takes one step that makes a loss smaller: the gradients of the loss with respect to the trainable variables of the module,
    /// as they are now, and [`Self::apply`]. Gives the loss, checked to be finite.
    ///
    /// It belongs in a step that is traced; the result carries the error if there is one.
    #[track_caller]
    pub fn minimize(&self, loss: &Tensor, module: &impl Field) -> Tensor {
        let loss = loss.check_finite(THE_LOSS);
        let scaled = self.rules.scale.as_ref().map_or_else(|| loss.clone(), |scale| scale.scaled(&loss));
        match gradients(&scaled, module).and_then(|gradients| self.change(&gradients)) {
            Ok(()) => loss,
            Err(error) => failed(error),
        }
    }

    /// Changes variables by gradients, which were taken of their values as they are now: each variable is changed once by them.
    /// One with a [`Self::loss_scale`] takes gradients itself, by [`Self::minimize`].
    #[track_caller]
    pub fn apply(&self, gradients: &ModuleGradients) {
        let done = if self.rules.scale.is_some() {
            Err(Error::Training(format!(
                "the updater scales losses, and these gradients are of a loss that it has not scaled: let it take them, \
                 `updater.minimize(&loss, &module)`, or leave `.loss_scale(...)` out\n  at {}",
                Location::caller()
            )))
        } else {
            self.change(gradients)
        };
        if let Err(error) = done {
            leave_failure(error);
        }
    }

    #[track_caller]
    fn change(&self, gradients: &ModuleGradients) -> Result<()> {
        let place = Location::caller();
        let fail = |message: String| Err(Error::Training(format!("{message}\n  at {place}")));
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        for OfVariable { path, variable, value, .. } in &gradients.variables {
            if !same_value(value, &variable.value()) {
                return fail(format!(
                    "the gradient of `{path}` is stale: the variable has been changed since it was taken. Compute the loss and its \
                     gradients again after the change"
                ));
            }
            if !self.slots.contains_key(path) {
                let known: Vec<_> = self.slots.keys().map(String::as_str).take(20).collect();
                return fail(format!(
                    "the optimizer was made for other variables than `{path}`; it has {}: give `Updater::new` the module whose \
                     variables it changes",
                    known.join(", ")
                ));
            }
        }
        let given = |path: &&String| gradients.variables.iter().any(|one| one.path == **path);
        if let Some(lacking) = self.gathered.keys().find(|path| !given(path)) {
            return fail(format!(
                "gradients are accumulated, and these have none of `{lacking}`: give each step those of all variables that the \
                 updater was made for, or make an updater for each module"
            ));
        }
        let trained: Vec<Trained> = gradients.variables.iter().map(|one| self.trained(one)).collect();
        trained.iter().for_each(note_update);
        let update = Update { optimizer: self.optimizer.as_ref(), trained: &trained, rules: &self.rules };
        update.run(gradients.variables.iter().map(|one| one.gradient.clone()).collect());
        Ok(())
    }

    /// A variable with what is kept for it.
    fn trained(&self, OfVariable { path, variable, .. }: &OfVariable) -> Trained {
        let group = self.rules.groups.iter().position(|group| matches(&group.pattern, path));
        let kept = self.slots.get(path);
        // In the order in which the optimizer names them.
        let names = self.optimizer_of(group).slots(variable.kind()).into_iter();
        let slots = names.filter_map(|(name, _)| Some((name, kept?.get(name)?.clone()))).collect();
        Trained {
            group,
            slots,
            switch: self.switches.get(path).cloned(),
            gathered: self.gathered.get(path).cloned(),
            average: self.averages.get(path).cloned(),
            ..Trained::new(path, variable.clone())
        }
    }
}

#[diagnostic::do_not_recommend]
impl Module for Updater {
    const TYPE: ModuleType = ModuleType::new(concat!(module_path!(), "::", "Updater"), &[]);

    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.field("optimizer", FieldRole::Inherit, &self.optimizer);
        visitor.field("slots", FieldRole::State, &self.slots);
        // What follows is there only if there is something of it, as in models that were saved before there was any.
        let Rules { groups, clips, accumulation, average, .. } = &self.rules;
        let said = Said {
            clips: clips.clone(),
            accumulate: accumulation.as_ref().map(|accumulation| accumulation.steps),
            average: *average,
            groups: groups.iter().map(|group| group.pattern.clone()).collect(),
        };
        if said != Said::default() {
            visitor.config("rules", &said);
        }
        self.rules.visit(visitor);
        for (name, variables) in
            [("switches", &self.switches), ("gathered", &self.gathered), ("averages", &self.averages)]
        {
            if !variables.is_empty() {
                visitor.field(name, FieldRole::State, variables);
            }
        }
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        let named = |name| FieldName::new(name, &[]);
        let optimizer = source.field(named("optimizer"))?;
        let slots = source.field(named("slots"))?;
        let said: Said = source.config_or(named("rules"), Said::default)?;
        let optimizers: Vec<Box<dyn Optimizer>> = source.field_or(named("groups"), Vec::new)?;
        if optimizers.len() != said.groups.len() {
            return Err(source.fail(format!(
                "it has {} groups and {} optimizers for them",
                said.groups.len(),
                optimizers.len()
            )));
        }
        let groups = said.groups.into_iter().zip(optimizers);
        let mut rules = Rules {
            groups: groups.map(|(pattern, optimizer)| Group { pattern, optimizer }).collect(),
            clips: said.clips,
            average: said.average,
            scale: source.field_or(named("loss_scale"), || None)?,
            ..Rules::default()
        };
        if let Some(steps) = said.accumulate {
            rules.accumulation = Some(Accumulation { steps, count: source.field(named("accumulated"))? });
        }
        Ok(Self {
            optimizer,
            slots,
            rules,
            switches: source.field_or(named("switches"), BTreeMap::new)?,
            gathered: source.field_or(named("gathered"), BTreeMap::new)?,
            averages: source.field_or(named("averages"), BTreeMap::new)?,
            variables: Vec::new(),
            failure: None,
        })
    }
}

/// Whether two tensors are one value of a trace.
fn same_value(one: &Tensor, other: &Tensor) -> bool {
    match (one.repr(), other.repr()) {
        (Repr::Symbolic(one), Repr::Symbolic(other)) => {
            one.builder == other.builder && one.value == other.value
        }
        _ => false,
    }
}

/// A tensor that carries the error, which the trace in progress gets too.
fn failed(error: Error) -> Tensor {
    leave_failure(error.clone());
    Tensor::from_error(error)
}
