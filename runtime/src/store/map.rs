//! Files in memory without reading them: the only unsafe code of the store.

use std::fs::File;
use std::io;
use std::sync::Arc;

use memmap2::Mmap;

use crate::tensor::Storage;

struct Mapped(Mmap);

impl Storage for Mapped {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Maps a file.
#[allow(unsafe_code)]
pub(super) fn map(file: &File) -> io::Result<Arc<dyn Storage>> {
    // SAFETY: the bytes stay as they are as long as nobody writes into the file or makes it shorter. The store itself
    // never does: it writes every file under another name and renames it, and files it removes live on while they are
    // mapped. That no other program does is the documented condition of loading without `Load::copied`.
    let map = unsafe { Mmap::map(file)? };
    Ok(Arc::new(Mapped(map)))
}
