//! Restoring: the Rust type of a saved model, with its variables.

use std::path::Path;

use super::difference;
use super::load::Load;
use crate::error::{Error, Result};
use crate::module::{Layer, Module, ObjectId, Program, Source};

/// The note that a training run leaves, and the child of its root that is the model.
pub(super) const TRAINING: &str = "training";
const MODEL: &str = "model";

/// Makes a layer from a saved model, and checks that its code is still what was saved.
///
/// # Errors
/// As [`load`](super::load); [`Error::Module`] and [`Error::Variable`] if the saved model does not have what the type
/// needs, with the path; [`Error::DefinitionChanged`] if the methods of the type now compute something else.
pub fn restore<T: Layer + Module>(path: impl AsRef<Path>) -> Result<T> {
    Restore::new().restore(path)
}

/// How to restore.
#[derive(Clone, Default)]
pub struct Restore {
    load: Load,
    allow_changed_definition: bool,
}

impl Restore {
    /// Restoring from the file system, which refuses a type whose code has changed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the type as it is now, also where its methods compute something else than those that were saved.
    pub fn allow_changed_definition(mut self) -> Self {
        self.allow_changed_definition = true;
        self
    }

    /// Loads in another way.
    pub fn load(mut self, load: Load) -> Self {
        self.load = load;
        self
    }

    /// Makes a layer from a saved model.
    ///
    /// # Errors
    /// As [`restore`].
    pub fn restore<T: Layer + Module>(&self, path: impl AsRef<Path>) -> Result<T> {
        self.program(&self.load.load(path)?)
    }

    /// Makes a layer from a program that is loaded; it shares the variables of the program.
    ///
    /// # Errors
    /// As [`restore`], less what loading says.
    pub fn program<T: Layer + Module>(&self, program: &Program) -> Result<T> {
        let layer: T = Source::build(program.objects(), program.variables(), model(program)?)?;
        if !self.allow_changed_definition {
            let now = Program::trace(&layer)?;
            if let Some(diff) = difference::between(program, &now) {
                return Err(Error::DefinitionChanged { type_name: T::TYPE.name.to_owned(), diff });
            }
        }
        Ok(layer)
    }
}

/// The object of a program that is the model: the root, or what a training run trains.
fn model(program: &Program) -> Result<ObjectId> {
    let fail =
        |path: &str, message: &str| Error::Module { path: path.to_owned(), message: message.to_owned() };
    let (root, _) = program.objects().root().ok_or_else(|| fail("", "the saved model has no objects"))?;
    if program.note(TRAINING).is_none() {
        return Ok(root);
    }
    let model = program.objects().child(root, MODEL);
    model.ok_or_else(|| fail(MODEL, "the saved training run has no model"))
}
