//! The module tree of a training run: the model, and all the state that training needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::optimizer::Optimizer;
use super::position::Position;
use crate::error::Result;
use crate::graph::{Role, Variable};
use crate::module::{Field, FieldRole, Layer, Module, ModuleTree, ModuleType, Source, Visitor};
use crate::tensor::Tensor;

/// The running mean of a loss or metric.
pub(super) struct Mean {
    pub name: String,
    pub total: Variable,
    pub count: Variable,
}

impl Mean {
    pub fn new(name: String) -> Self {
        let zero = || Variable::state(Tensor::scalar(0.0_f64));
        Self { name, total: zero(), count: zero() }
    }
}

/// A variable that is trained.
pub(super) struct Trained {
    /// Its path in the model.
    pub path: String,
    pub variable: Variable,
    /// What the optimizer keeps for it.
    pub slots: Vec<(&'static str, Variable)>,
}

/// Everything that a run saves.
pub(super) struct Run {
    pub model: Arc<dyn Layer>,
    pub optimizer: Arc<dyn Optimizer>,
    /// The trainable variables of the model, in order.
    pub trained: Vec<Trained>,
    pub means: Vec<Mean>,
    pub position: Position,
}

impl Run {
    pub fn new(model: Arc<dyn Layer>, optimizer: Arc<dyn Optimizer>, means: Vec<Mean>) -> Result<Self> {
        let mut run = Self { model, optimizer, trained: Vec::new(), means, position: Position::new() };
        let structure = ModuleTree::of(&run)?;
        for leaf in structure.leaves {
            let Some(path) = leaf.path.strip_prefix("model.") else { continue };
            if leaf.role == Role::Trainable {
                let slots = run.optimizer.slots(leaf.variable.kind());
                let slots = slots.into_iter().map(|(name, value)| (name, Variable::state(value))).collect();
                run.trained.push(Trained { path: path.to_owned(), variable: leaf.variable, slots });
            }
        }
        Ok(run)
    }
}

/// A part of a run that is shown to visitors only: a run without code is a program, and never rebuilt from here.
struct Shown<F: Fn(&mut Visitor<'_>)>(F);

impl<F: Fn(&mut Visitor<'_>)> Field for Shown<F> {
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
        visitor.field("model", FieldRole::Inherit, &Shown(|visitor| self.model.visit_module(visitor)));
        visitor.field("optimizer", FieldRole::State, &Shown(|visitor| self.optimizer.visit_module(visitor)));
        let slots: BTreeMap<String, BTreeMap<String, Variable>> = self
            .trained
            .iter()
            .map(|trained| {
                let slots = trained.slots.iter().map(|(name, slot)| ((*name).to_owned(), slot.clone()));
                (trained.path.clone(), slots.collect())
            })
            .collect();
        visitor.field("slots", FieldRole::State, &slots);
        let means: BTreeMap<String, BTreeMap<String, Variable>> = self
            .means
            .iter()
            .map(|mean| {
                let parts = [("total", &mean.total), ("count", &mean.count)];
                (mean.name.clone(), parts.map(|(name, part)| (name.to_owned(), part.clone())).into())
            })
            .collect();
        visitor.field("metrics", FieldRole::State, &means);
        visitor.field("position", FieldRole::State, &self.position);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        Err(source.fail("a training run is gone on with by `load(...)?.into_trainer()`"))
    }
}
