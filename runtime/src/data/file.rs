//! Files of data, mapped into memory.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::store::{Disk, FileKind, FileSystem};
use crate::tensor::Storage;

/// The contents of a file, without reading them: only what is used is read, when it is used. Nobody may write into the file
/// meanwhile.
pub(super) fn map(path: &Path) -> Result<Arc<dyn Storage>> {
    let kind = FileSystem.kind(path).map_err(|source| Error::io("read", path, source))?;
    match kind {
        Some(FileKind::File) => {}
        None => return Err(Error::io("read", path, std::io::ErrorKind::NotFound.into())),
        Some(_) => return Err(bad(path, "", "it is no file: give the path of one")),
    }
    let mapped = FileSystem.map(path).map_err(|source| Error::io("read", path, source))?;
    mapped.ok_or_else(|| bad(path, "", "it cannot be mapped into memory"))
}

/// A file that is not what it should be, or a place in it.
pub(super) fn bad(path: &Path, place: impl Into<String>, message: impl Into<String>) -> Error {
    Error::DataFile { path: path.to_path_buf(), place: place.into(), message: message.into() }
}

/// A part of some memory.
pub(super) struct Region {
    whole: Arc<dyn Storage>,
    start: usize,
    length: usize,
}

impl Region {
    /// So many bytes from a place on; none if they are not there.
    pub fn new(whole: Arc<dyn Storage>, start: usize, length: usize) -> Option<Self> {
        whole.bytes().get(start..start.checked_add(length)?)?;
        Some(Self { whole, start, length })
    }
}

impl Storage for Region {
    fn bytes(&self) -> &[u8] {
        self.whole.bytes().get(self.start..self.start + self.length).unwrap_or_default()
    }
}
