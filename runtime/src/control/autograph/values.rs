//! The variables that a branch or a loop changes, as one structure.

use super::slot::{Slot, fail};
use crate::control::site::{Types, no_error};
use crate::error::{Error, Result};
use crate::graph::{is_tracing, leave_failure, type_of};
use crate::tensor::{Leaves, Repr, Tensor, TensorType};

/// Variables with the tensors in each.
#[derive(Clone, Default)]
pub(super) struct Values(Vec<(&'static str, Leaves)>);

impl Values {
    pub(super) fn of(slots: &[Slot<'_>]) -> Self {
        Self(slots.iter().map(|slot| (slot.name, slot.place.leaves())).collect())
    }

    /// With one more variable in front.
    pub(super) fn after(mut self, name: &'static str, leaves: Leaves) -> Self {
        self.0.insert(0, (name, leaves));
        self
    }

    /// The tensors in the variable of this name.
    pub(super) fn get(&self, name: &str) -> Leaves {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, leaves)| leaves.clone()).unwrap_or_default()
    }

    /// All tensors, each under the name of its variable.
    pub(super) fn leaves(&self) -> Leaves {
        Leaves::new(self.0.iter().flat_map(|(name, leaves)| {
            leaves.clone().into_iter().map(move |(path, tensor)| (join(name, &path), tensor))
        }))
    }

    pub(super) fn tensors(&self) -> Vec<Tensor> {
        self.0.iter().flat_map(|(_, leaves)| leaves.tensors().cloned()).collect()
    }

    /// The types as they are known now.
    ///
    /// # Errors
    /// The error that one of the tensors carries.
    pub(super) fn types(&self) -> Result<Vec<(String, TensorType)>> {
        let leaves = self.leaves();
        no_error(&leaves)?;
        Ok(types(&leaves))
    }

    /// The first tensor that is not the one in the same place of `other`, while both are being traced.
    pub(super) fn first_other(&self, other: &Self) -> Option<String> {
        let (own, other) = (self.leaves(), other.leaves());
        let same = |left: &Tensor, right: &Tensor| match (left.repr(), right.repr()) {
            (Repr::Symbolic(left), Repr::Symbolic(right)) => {
                (left.builder, left.value) == (right.builder, right.value)
            }
            _ => false,
        };
        let mut pairs = own.paths().zip(own.tensors().zip(other.tensors()));
        pairs.find(|(_, (left, right))| !same(left, right)).map(|(path, _)| path.to_owned())
    }

    /// The same variables with other tensors.
    pub(super) fn with(&self, tensors: impl IntoIterator<Item = Tensor>) -> Self {
        let mut tensors = tensors.into_iter();
        let with = |(name, leaves): &(&'static str, Leaves)| {
            (*name, leaves.with(tensors.by_ref().take(leaves.len()).collect::<Vec<_>>()))
        };
        Self(self.0.iter().map(with).collect())
    }

    /// Puts the tensors into the slots of the same names.
    pub(super) fn put(&self, slots: &mut [Slot<'_>]) {
        for slot in slots {
            let own = self.0.iter().find(|(name, _)| *name == slot.name);
            if let Some((_, leaves)) = own
                && let Err(error) = slot.place.set(leaves.clone())
            {
                slot.place.fail(&error);
            }
        }
    }
}

pub(super) fn types(leaves: &Leaves) -> Types {
    leaves
        .paths()
        .zip(leaves.tensors())
        .filter_map(|(path, leaf)| Some((path.to_owned(), type_of(leaf)?)))
        .collect()
}

fn join(name: &str, path: &str) -> String {
    match (name, path) {
        ("", path) => path.to_owned(),
        (name, "") => name.to_owned(),
        (name, path) => format!("{name}.{path}"),
    }
}

/// Puts values into the slots, or an error. In a trace, an error that no tensor is there to carry fails the trace.
pub(super) fn settle(result: Result<Values>, slots: &mut [Slot<'_>]) {
    match result {
        Ok(values) => values.put(slots),
        Err(error) => refuse(error, slots),
    }
}

/// Puts an error into the slots, as [`settle`] does.
pub(super) fn refuse(error: Error, slots: &mut [Slot<'_>]) {
    fail(slots, &error);
    if is_tracing() && Values::of(slots).tensors().is_empty() {
        leave_failure(error);
    }
}
