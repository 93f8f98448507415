//! What the store needs of a file system.

use std::any::Any;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use super::map;
use crate::tensor::Storage;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A pipe, a device, a socket.
    Other,
}

/// The operations by which models are saved and loaded.
///
/// [`FileSystem`] is the one behind [`save`](super::save) and [`load`](super::load). Others keep models in memory or
/// elsewhere, or fail on purpose in tests.
///
/// # Errors
/// What the system says.
pub trait Disk: Send + Sync {
    /// What a path leads to, through links; none if there is nothing.
    fn kind(&self, path: &Path) -> io::Result<Option<FileKind>>;

    /// Makes a directory and those above it, unless they are there.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;

    /// The names in a directory; names that are not UTF-8 are left out.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;

    /// The length and the contents of a file.
    fn open(&self, path: &Path) -> io::Result<(u64, Box<dyn Read + '_>)>;

    /// The contents of a file without reading them, or none if that is not possible here.
    fn map(&self, path: &Path) -> io::Result<Option<Arc<dyn Storage>>> {
        let _ = path;
        Ok(None)
    }

    /// Writes a new file, over an old one if there is one.
    fn write(&self, path: &Path, contents: &[&[u8]]) -> io::Result<()>;

    /// Makes the contents of a file, or the names in a directory, outlive a crash.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name in the same directory, over an old file of that name, at one stroke.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty directory. Where there are no empty directories there is nothing to do.
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Ok(())
    }

    /// Keeps others from saving into a directory until the guard is dropped.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Any>> {
        let _ = path;
        Ok(Box::new(()))
    }
}

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileSystem;

impl Disk for FileSystem {
    fn kind(&self, path: &Path) -> io::Result<Option<FileKind>> {
        let kind = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => FileKind::Directory,
            Ok(metadata) if metadata.is_file() => FileKind::File,
            Ok(_) => FileKind::Other,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(kind))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let names = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        let names: io::Result<Vec<_>> = names.collect();
        Ok(names?.into_iter().flatten().collect())
    }

    fn open(&self, path: &Path) -> io::Result<(u64, Box<dyn Read + '_>)> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok((length, Box::new(file)))
    }

    fn map(&self, path: &Path) -> io::Result<Option<Arc<dyn Storage>>> {
        map::map(&File::open(path)?).map(Some)
    }

    fn write(&self, path: &Path, contents: &[&[u8]]) -> io::Result<()> {
        let mut file = io::BufWriter::with_capacity(1 << 20, File::create(path)?);
        contents.iter().try_for_each(|part| file.write_all(part))?;
        file.into_inner().map(drop).map_err(io::IntoInnerError::into_error)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        if fs::metadata(path)?.is_dir() {
            // Other systems write names at once, or have no way to ask for it.
            return if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) };
        }
        OpenOptions::new().write(true).open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Any>> {
        if cfg!(not(unix)) {
            return Ok(Box::new(()));
        }
        let directory = File::open(path)?;
        match directory.lock() {
            // Some network file systems have no locks; savers there have to keep apart by themselves.
            Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
            Ok(()) | Err(_) => Ok(Box::new(directory)),
        }
    }
}
