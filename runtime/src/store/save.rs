//! Saving: after any fault the directory holds exactly the old or exactly the new model.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, FileKind, FileSystem};
use super::encode::encode;
use super::snapshot::Snapshot;
use super::variables::{self, Written};
use super::{DEFINITION, container, contents};
use crate::error::{Error, Result};
use crate::module::{Layer, Program};

/// What is put behind a name while the file is being written.
const UNFINISHED: &str = ".unfinished";

/// Saves a layer: what it computes, what it is made of, and its variables.
///
/// `path` becomes a directory; see [`Save`] for what happens where something stands already.
///
/// # Errors
/// What the code of the layer says when it is traced, the error that a variable carries, or what the system says.
pub fn save<L: Layer>(layer: &L, path: impl AsRef<Path>) -> Result<()> {
    save_layer(layer, path)
}

/// Saves a layer of any type, as [`save`] does.
///
/// # Errors
/// As [`save`].
pub fn save_layer(layer: &dyn Layer, path: impl AsRef<Path>) -> Result<()> {
    save_program(&Program::trace(layer)?, path)
}

/// Saves a program, as [`save`] does.
///
/// # Errors
/// The error that a variable carries, or what the system says.
pub fn save_program(program: &Program, path: impl AsRef<Path>) -> Result<()> {
    Save::new().program(program, path)
}

impl Program {
    /// Saves the program, as [`store::save`](save) does.
    ///
    /// # Errors
    /// The error that a variable carries, or what the system says.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        save_program(self, path)
    }
}

/// How to save.
///
/// Saving makes the directory and those above it. Over a model that is there it is atomic: whatever fails, whenever the
/// machine stops, the directory loads as exactly the old or exactly the new model, and saving again works. Only one saver
/// at a time works on a directory; others wait. Files of other origin in the directory stay as they are. A file called
/// `saved_model.bin` that is not the definition of a saved model is not replaced: that is an error.
///
/// 1. `variables/…safetensors` is written under a name that carries the hash of what it holds, so over nothing.
/// 2. `saved_model.bin` is written beside the old one and takes its place by a rename. At this moment the model is the new one.
/// 3. What nothing refers to any more is removed.
///
/// Before each step all that it builds on has reached the disk.
#[derive(Clone)]
pub struct Save {
    disk: Arc<dyn Disk>,
}

impl Default for Save {
    fn default() -> Self {
        Self { disk: Arc::new(FileSystem) }
    }
}

impl Save {
    /// Saving to the file system.
    pub fn new() -> Self {
        Self::default()
    }

    /// Saves to another kind of disk.
    pub fn disk(mut self, disk: Arc<dyn Disk>) -> Self {
        self.disk = disk;
        self
    }

    /// Saves a layer.
    ///
    /// # Errors
    /// As [`save`].
    pub fn layer(&self, layer: &dyn Layer, path: impl AsRef<Path>) -> Result<()> {
        self.program(&Program::trace(layer)?, path)
    }

    /// Saves a program.
    ///
    /// # Errors
    /// As [`save_program`].
    pub fn program(&self, program: &Program, path: impl AsRef<Path>) -> Result<()> {
        self.snapshot(&Snapshot::of(program)?, path)
    }

    /// Saves a program as it was when the snapshot was taken.
    ///
    /// # Errors
    /// What the system says.
    pub fn snapshot(&self, snapshot: &Snapshot, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        // What can fail without the disk fails before it is touched.
        let values = &snapshot.values;
        let names = snapshot.graph.variables.iter().map(|variable| variable.path.as_str());
        let written = variables::write(names.zip(values).collect())?;
        let files = if values.is_empty() { Vec::new() } else { vec![written.file.clone()] };
        let sections = encode(snapshot, files).map_err(|message| Error::format(path, message))?;
        let definition = container::write(&sections);
        let saver = Saver { disk: self.disk.as_ref(), directory: path };
        saver.save(&definition, (!values.is_empty()).then_some(&written))
    }
}

struct Saver<'a> {
    disk: &'a dyn Disk,
    directory: &'a Path,
}

impl Saver<'_> {
    fn save(&self, definition: &[u8], values: Option<&Written<'_>>) -> Result<()> {
        let variables = self.directory.join(variables::DIRECTORY);
        self.check_place()?;
        self.create(&variables)?;
        let lock = self.disk.lock(self.directory);
        let _lock = lock.map_err(|error| Error::io("lock", self.directory, error))?;
        self.check_definition()?;

        let mut kept = None;
        if let Some(Written { parts, file }) = values {
            let name = variables::file_name(0, 1, file);
            let path = variables.join(&name);
            if self.holds(&path, file) {
                self.sync(&path)?;
            } else {
                let parts: Vec<&[u8]> = parts.iter().map(AsRef::as_ref).collect();
                self.put(&path, &parts)?;
            }
            kept = Some(name);
        }
        self.sync(&variables)?;
        self.sync(self.directory)?;
        self.put(&self.directory.join(DEFINITION), &[definition])?;
        self.sync(self.directory)?;

        // The model is saved. What cannot be removed now is removed by the next save.
        let is_old = |name: &str| {
            let finished = name.strip_suffix(UNFINISHED);
            variables::is_ours(finished.unwrap_or(name)) && kept.as_deref() != Some(name)
        };
        self.clear(&variables, is_old);
        self.clear(self.directory, |name| name.strip_suffix(UNFINISHED) == Some(DEFINITION));
        Ok(())
    }

    /// Refuses to save where something else than a directory stands.
    fn check_place(&self) -> Result<()> {
        match self.kind(self.directory)? {
            None | Some(FileKind::Directory) => Ok(()),
            Some(_) => Err(Error::format(
                self.directory,
                "a saved model is a directory, and a file of this name stands here: remove it, or save elsewhere",
            )),
        }
    }

    /// Refuses to replace a file that no saver has written.
    fn check_definition(&self) -> Result<()> {
        let path = self.directory.join(DEFINITION);
        let foreign = match self.kind(&path)? {
            None => false,
            Some(FileKind::File) => {
                let mut magic = container::MAGIC.map(|byte| !byte);
                let read = self.disk.open(&path).and_then(|(_, mut file)| file.read_exact(&mut magic));
                match read {
                    Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
                        return Err(Error::io("read", &path, error));
                    }
                    Ok(()) | Err(_) => magic != container::MAGIC,
                }
            }
            Some(_) => true,
        };
        if foreign {
            let message = "it is not the definition of a saved model, so it is not replaced: remove it, or save elsewhere";
            return Err(Error::format(path, message));
        }
        Ok(())
    }

    /// Makes the directories, and sees to it that those that are new outlive a crash.
    fn create(&self, variables: &Path) -> Result<()> {
        let mut new: Vec<PathBuf> = Vec::new();
        for ancestor in variables.ancestors() {
            let there = ancestor.as_os_str().is_empty() || self.kind(ancestor)?.is_some();
            if there {
                break;
            }
            new.push(ancestor.to_path_buf());
        }
        let create = self.disk.create_dir_all(variables);
        create.map_err(|error| Error::io("create", variables, error))?;
        for directory in new.iter().rev() {
            match directory.parent() {
                Some(parent) if parent.as_os_str().is_empty() => self.sync(Path::new("."))?,
                Some(parent) => self.sync(parent)?,
                None => {}
            }
        }
        Ok(())
    }

    /// Whether a file of earlier holds exactly what it should.
    fn holds(&self, path: &Path, file: &super::records::File) -> bool {
        matches!(self.disk.kind(path), Ok(Some(FileKind::File)))
            && contents::read(self.disk, path)
                .is_ok_and(|contents| variables::check(path, file, contents.bytes()).is_ok())
    }

    /// Puts a file in the place of another one at one stroke.
    fn put(&self, path: &Path, parts: &[&[u8]]) -> Result<()> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(UNFINISHED);
        let unfinished = PathBuf::from(unfinished);
        let write = || {
            let write = self.disk.write(&unfinished, parts);
            write.map_err(|error| Error::io("write", &unfinished, error))?;
            self.sync(&unfinished)?;
            self.disk.rename(&unfinished, path).map_err(|error| Error::io("rename to", path, error))
        };
        write().inspect_err(|_| drop(self.disk.remove(&unfinished)))
    }

    fn clear(&self, directory: &Path, is_old: impl Fn(&str) -> bool) {
        let names = self.disk.list(directory).unwrap_or_default();
        for name in names.into_iter().filter(|name| is_old(name)) {
            let _ = self.disk.remove(&directory.join(name));
        }
    }

    fn kind(&self, path: &Path) -> Result<Option<FileKind>> {
        self.disk.kind(path).map_err(|error| Error::io("look at", path, error))
    }

    fn sync(&self, path: &Path) -> Result<()> {
        self.disk.sync(path).map_err(|error| Error::io("write to disk", path, error))
    }
}
