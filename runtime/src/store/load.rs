//! Loading: a program from a directory, without any of the code that made it.

use std::path::Path;
use std::sync::Arc;

use super::decode::{Definition, decode};
use super::disk::{Disk, FileKind, FileSystem};
use super::{DEFINITION, container, contents, upgrade, variables};
use crate::error::{Error, Result};
use crate::graph::Variable;
use crate::module::Program;
use crate::tensor::{Storage, Tensor};

/// How often a load begins again because the model was saved anew meanwhile.
const ATTEMPTS: usize = 100;

/// Loads a program that was saved by [`save`](super::save).
///
/// The values of the variables stay in their file until they are used; see [`Load::copied`].
///
/// # Errors
/// [`Error::Format`] for a file that is damaged or something else, [`Error::NewerFormat`] for one of a newer format,
/// [`Error::Variable`] for variables that do not fit, [`Error::UnknownName`] for an op that is not linked, [`Error::Io`]
/// for what the system says.
pub fn load(path: impl AsRef<Path>) -> Result<Program> {
    Load::new().load(path)
}

/// How to load.
#[derive(Clone)]
pub struct Load {
    disk: Arc<dyn Disk>,
    copied: bool,
}

impl Default for Load {
    fn default() -> Self {
        Self { disk: Arc::new(FileSystem), copied: false }
    }
}

impl Load {
    /// Loading from the file system, with the values of variables left in their file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the values of variables into memory.
    ///
    /// Without this they are mapped: they cost no memory of their own and the parts that are not used are never kept.
    /// Saving over a model is safe while it is mapped, but another program that makes the file shorter would make this
    /// one crash, and one that writes into it would change the values. Say `copied` where that is possible.
    pub fn copied(mut self) -> Self {
        self.copied = true;
        self
    }

    /// Loads from another kind of disk.
    pub fn disk(mut self, disk: Arc<dyn Disk>) -> Self {
        self.disk = disk;
        self
    }

    /// Loads a program.
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Program> {
        let directory = path.as_ref();
        let mut definition = self.definition(directory)?;
        for _ in 1..ATTEMPTS {
            let result = self.read(directory, definition.bytes());
            if result.is_ok() {
                return result;
            }
            // A saver may have removed the variables of the definition that was read.
            let now = self.definition(directory)?;
            if now.bytes() == definition.bytes() {
                return result;
            }
            definition = now;
        }
        self.read(directory, definition.bytes())
    }

    fn definition(&self, directory: &Path) -> Result<Arc<dyn Storage>> {
        let path = directory.join(DEFINITION);
        let read = |path: &Path| self.disk.kind(path).map_err(|error| Error::io("read", path, error));
        match read(directory)? {
            Some(FileKind::Directory) => {}
            Some(_) => {
                return Err(Error::format(directory, "a saved model is a directory, and this is a file"));
            }
            None => return Err(Error::io("read", directory, std::io::ErrorKind::NotFound.into())),
        }
        match read(&path)? {
            Some(FileKind::File) => {}
            Some(_) => return Err(Error::format(path, "it is not a file")),
            None => {
                let message = format!("it holds no {DEFINITION}, so there is no saved model in it");
                return Err(Error::format(directory, message));
            }
        }
        contents::read(self.disk.as_ref(), &path).map_err(|error| Error::io("read", path, error))
    }

    fn read(&self, directory: &Path, bytes: &[u8]) -> Result<Program> {
        let path = directory.join(DEFINITION);
        let (version, sections) = container::read(&path, bytes)?;
        let sections =
            upgrade::upgrade(version, sections).map_err(|message| Error::format(&path, message))?;
        let definition = decode(&path, sections, bytes.len())?;
        let variables = self.variables(directory, &definition)?;
        let Definition { graph, objects, entries, notes, .. } = definition;
        Program::new(graph, objects, entries, variables, notes)
    }

    fn variables(&self, directory: &Path, definition: &Definition) -> Result<Vec<Variable>> {
        let mut values = vec![None; definition.graph.variables.len()];
        for (index, file) in definition.files.iter().enumerate() {
            let name = variables::file_name(index, definition.files.len(), file);
            let path = directory.join(variables::DIRECTORY).join(name);
            let contents = self.contents(&path)?;
            variables::check(&path, file, contents.bytes())?;
            let held = definition.places.iter().enumerate().filter(|(_, place)| **place == index);
            let held: Vec<usize> = held.map(|(variable, _)| variable).collect();
            let expected: Vec<_> =
                held.iter().map(|&variable| &definition.graph.variables[variable]).collect();
            let mut found = variables::read(&path, &contents, &expected)?;
            for (variable, expected) in held.into_iter().zip(expected) {
                values[variable] = found.remove(&expected.path);
            }
        }
        let roles = definition.made_as();
        let all = definition.graph.variables.iter().zip(values).zip(roles);
        let make = |((known, value), role): ((&crate::graph::VariableDefinition, Option<_>), _)| {
            let missing = || Error::Variable {
                path: known.path.clone(),
                message: "two variables have this name".into(),
            };
            Ok(Variable::with_role(Tensor::from_data(value.ok_or_else(missing)?), role))
        };
        all.map(make).collect()
    }

    fn contents(&self, path: &Path) -> Result<Arc<dyn Storage>> {
        let fail = |error| Error::io("read", path, error);
        match self.disk.kind(path).map_err(fail)? {
            Some(FileKind::File) => {}
            Some(_) => return Err(Error::format(path, "it is not a file")),
            None => return Err(fail(std::io::ErrorKind::NotFound.into())),
        }
        if !self.copied
            && let Some(mapped) = self.disk.map(path).map_err(fail)?
        {
            return Ok(mapped);
        }
        contents::read(self.disk.as_ref(), path).map_err(fail)
    }
}
