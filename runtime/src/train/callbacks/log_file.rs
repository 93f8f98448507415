//! Files of lines that a run adds to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file of lines, one for each epoch or step. What it holds of epochs that the run has not gone through, since it goes on from a
/// checkpoint before, is taken out when the file is opened.
pub(super) struct LogFile {
    path: PathBuf,
    file: Option<File>,
}

impl LogFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file to add to it, and gives its first line if it has one. Lines for which `stays` is false are taken out, and so is
    /// a last one that was never finished.
    pub fn open(&mut self, stays: impl Fn(usize, &str) -> bool) -> io::Result<Option<String>> {
        if let Some(parent) = self.path.parent() {
            fs::create_dir_all(parent)?;
        }
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let whole = text.rfind('\n').map_or("", |end| text.get(..=end).unwrap_or_default());
        let lines = whole.lines().enumerate().filter(|(index, line)| stays(*index, line));
        let kept: String = lines.flat_map(|(_, line)| [line, "\n"]).collect();
        if kept != text {
            let mut unfinished = self.path.clone().into_os_string();
            unfinished.push(".unfinished");
            fs::write(&unfinished, &kept)?;
            fs::rename(&unfinished, &self.path)?;
        }
        self.file = Some(OpenOptions::new().create(true).append(true).open(&self.path)?);
        Ok(kept.lines().next().map(str::to_owned))
    }

    /// Adds a line.
    pub fn add(&mut self, line: &str) -> io::Result<()> {
        let closed = || io::Error::from(io::ErrorKind::NotConnected);
        self.file.as_mut().ok_or_else(closed)?.write_all(format!("{line}\n").as_bytes())
    }
}
