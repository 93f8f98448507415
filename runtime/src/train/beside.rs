//! What the updaters of a step of one's own keep beside the variables of a model, so that a run without code knows it.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::run::Trained;
use crate::graph::Variable;
use crate::module::ModuleTree;

/// What an updater keeps beside a variable, by artifact paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Beside {
    pub variable: String,
    /// Whether the variable is trained at the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<String>,
    /// The moving average of its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<String>,
}

struct Noted {
    variable: Variable,
    switch: Option<Variable>,
    average: Option<Variable>,
}

thread_local! {
    /// What the updates have said that were traced in [`noting`]; none outside of it.
    static NOTED: RefCell<Option<Vec<Noted>>> = const { RefCell::new(None) };
}

/// Notes what stands beside a variable that is being changed.
pub(super) fn note_update(trained: &Trained) {
    let Trained { variable, switch, average, .. } = trained;
    if switch.is_none() && average.is_none() {
        return;
    }
    NOTED.with_borrow_mut(|noted| {
        if let Some(noted) = noted {
            let (variable, switch, average) = (variable.clone(), switch.clone(), average.clone());
            noted.push(Noted { variable, switch, average });
        }
    });
}

/// Traces steps, and gives what stands beside the variables that they change, once each.
pub(super) fn noting<T>(tree: &ModuleTree, trace: impl FnOnce() -> T) -> (T, Vec<Beside>) {
    NOTED.set(Some(Vec::new()));
    let traced = trace();
    let noted = NOTED.take().unwrap_or_default();
    let path = |variable: &Variable| {
        let mut leaves = tree.leaves.iter();
        leaves.find(|leaf| leaf.variable.identity() == variable.identity()).map(|leaf| leaf.path.clone())
    };
    let mut all: Vec<Beside> = Vec::new();
    for Noted { variable, switch, average } in noted {
        let Some(variable) = path(&variable) else { continue };
        let of = |one: Option<Variable>| one.as_ref().and_then(path);
        let beside = Beside { variable, switch: of(switch), average: of(average) };
        if !all.contains(&beside) {
            all.push(beside);
        }
    }
    (traced, all)
}
