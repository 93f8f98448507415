//! The module tree of a training run: the model, and all the state that training needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::measure::Measure;
use super::optimizer::Optimizer;
use super::position::Position;
use super::rules::Rules;
use super::targets::Compared;
use super::update::Update;
use crate::error::{Error, Result};
use crate::graph::{Role, Variable};
use crate::module::{Field, FieldRole, Layer, Module, ModuleTree, ModuleType, Source, Visitor};

/// A variable that is trained.
pub(super) struct Trained {
    /// Its path in the model.
    pub path: String,
    pub variable: Variable,
    /// The group whose optimizer moves it; none for the optimizer of the run.
    pub group: Option<usize>,
    /// What the optimizer keeps for it.
    pub slots: Vec<(&'static str, Variable)>,
    /// Whether it is trained at the moment, where that can be changed.
    pub switch: Option<Variable>,
    /// The sum of gradients of the steps that an update waits for.
    pub gathered: Option<Variable>,
    /// The moving average of its values.
    pub average: Option<Variable>,
}

impl Trained {
    /// One that nothing is kept for yet.
    pub fn new(path: &str, variable: Variable) -> Self {
        let (group, slots) = (None, Vec::new());
        Self { path: path.to_owned(), variable, group, slots, switch: None, gathered: None, average: None }
    }
}

/// Everything that a run saves.
pub(super) struct Run {
    pub model: Arc<dyn Layer>,
    pub optimizer: Arc<dyn Optimizer>,
    /// The trainable variables of the model, in order.
    pub trained: Vec<Trained>,
    /// The loss and the metrics, in the order they are reported in.
    pub measures: Vec<Measure>,
    /// The outputs that have targets, in the order of the steps.
    pub compared: Vec<Compared>,
    pub rules: Rules,
    pub position: Position,
}

impl Run {
    pub fn new(
        model: Arc<dyn Layer>,
        optimizer: Arc<dyn Optimizer>,
        measures: Vec<Measure>,
        compared: Vec<Compared>,
        rules: Rules,
    ) -> Result<Self> {
        let (trained, position) = (Vec::new(), Position::new());
        let mut run = Self { model, optimizer, trained, measures, compared, rules, position };
        let structure = ModuleTree::of(&run)?;
        for leaf in structure.leaves.into_iter().filter(|leaf| leaf.role == Role::Trainable) {
            let Some(path) = leaf.path.strip_prefix("model.") else {
                return Err(Error::Training(format!(
                    "`{}` is trainable and no part of the model: make it with `Variable::state`, or give it to the model",
                    leaf.path
                )));
            };
            run.trained.push(Trained::new(path, leaf.variable));
        }
        run.rules.prepare(&mut run.trained)?;
        for trained in &mut run.trained {
            let optimizer = run.rules.optimizer(trained.group).unwrap_or(run.optimizer.as_ref());
            let slots = optimizer.slots(trained.variable.kind());
            trained.slots = slots.into_iter().map(|(name, value)| (name, Variable::state(value))).collect();
        }
        Ok(run)
    }

    /// What a step does with gradients.
    pub fn update(&self) -> Update<'_> {
        Update { optimizer: self.optimizer.as_ref(), trained: &self.trained, rules: &self.rules }
    }

    /// A variable for each of those that are trained and have one.
    fn beside(&self, one: fn(&Trained) -> Option<&Variable>) -> BTreeMap<String, Variable> {
        beside(&self.trained, one)
    }
}

/// A variable for each of those that are trained and have one.
pub(super) fn beside(
    trained: &[Trained],
    one: fn(&Trained) -> Option<&Variable>,
) -> BTreeMap<String, Variable> {
    by_name(trained.iter().filter_map(|trained| Some((trained.path.clone(), one(trained)?.clone()))))
}

/// A map of these. One that is collected brings code of its own that sorts.
pub(super) fn by_name<T>(entries: impl Iterator<Item = (String, T)>) -> BTreeMap<String, T> {
    let mut map = BTreeMap::new();
    map.extend(entries);
    map
}

/// A part of a run that is shown to visitors only: a run without code is a program, and never rebuilt from here.
pub(super) struct Shown<'a>(Box<dyn Fn(&mut Visitor<'_>) + 'a>);

impl<'a> Shown<'a> {
    pub fn new(show: impl Fn(&mut Visitor<'_>) + 'a) -> Self {
        Self(Box::new(show))
    }
}

impl Field for Shown<'_> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        self.0(visitor);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        Err(source.fail("a part of a training run is not rebuilt on its own"))
    }
}

#[diagnostic::do_not_recommend]
impl Module for Run {
    const TYPE: ModuleType = ModuleType::new("holotype::train::Run", &[]);

    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.field("model", FieldRole::Inherit, &Shown::new(|visitor| self.model.visit_module(visitor)));
        visitor.field(
            "optimizer",
            FieldRole::State,
            &Shown::new(|visitor| self.optimizer.visit_module(visitor)),
        );
        let slots = by_name(self.trained.iter().map(|trained| {
            let slots = trained.slots.iter().map(|(name, slot)| ((*name).to_owned(), slot.clone()));
            (trained.path.clone(), by_name(slots))
        }));
        visitor.field("slots", FieldRole::State, &slots);
        let shown = self.measures.iter();
        let measures = by_name(
            shown.map(|measure| (measure.name.clone(), Shown::new(|visitor| measure.visit(visitor)))),
        );
        visitor.field("metrics", FieldRole::State, &measures);
        visitor.field("position", FieldRole::State, &self.position);
        // What follows is there only if there is something of it, as in runs that were saved before there was any.
        let modules = by_name(self.measures.iter().filter(|measure| measure.is_module()).map(|measure| {
            let shown = Shown::new(|visitor| {
                measure.visit_module(visitor);
            });
            (measure.name.clone(), shown)
        }));
        if !modules.is_empty() {
            visitor.field("functions", FieldRole::Inherit, &modules);
        }
        self.rules.visit(visitor);
        for (name, variables) in [
            ("switches", self.beside(|trained| trained.switch.as_ref())),
            ("gathered", self.beside(|trained| trained.gathered.as_ref())),
            ("averages", self.beside(|trained| trained.average.as_ref())),
        ] {
            if !variables.is_empty() {
                visitor.field(name, FieldRole::State, &variables);
            }
        }
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        Err(source.fail("a training run is gone on with by `load(...)?.into_trainer()`"))
    }
}
