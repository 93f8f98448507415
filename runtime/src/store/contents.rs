//! The contents of whole files, and regions of them as the storage of tensors.

use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::disk::Disk;
use crate::tensor::Storage;

/// Bytes in memory that start at an address any element type may start at.
struct Aligned {
    words: Vec<u64>,
    length: usize,
}

impl Storage for Aligned {
    fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.length]
    }
}

/// Reads a whole file.
pub(super) fn read(disk: &dyn Disk, path: &Path) -> io::Result<Arc<dyn Storage>> {
    let (length, mut file) = disk.open(path)?;
    let out_of_memory = || io::Error::from(io::ErrorKind::OutOfMemory);
    let length = usize::try_from(length).map_err(|_| out_of_memory())?;
    let mut words: Vec<u64> = Vec::new();
    words.try_reserve_exact(length.div_ceil(8)).map_err(|_| out_of_memory())?;
    words.resize(length.div_ceil(8), 0);
    file.read_exact(&mut bytemuck::cast_slice_mut(&mut words)[..length])?;
    Ok(Arc::new(Aligned { words, length }))
}

/// A part of a file.
pub(super) struct Region {
    file: Arc<dyn Storage>,
    range: Range<usize>,
}

impl Region {
    /// A part of a file, if it lies in it.
    pub fn new(file: Arc<dyn Storage>, range: Range<usize>) -> Option<Self> {
        file.bytes().get(range.clone())?;
        Some(Self { file, range })
    }
}

impl Storage for Region {
    fn bytes(&self) -> &[u8] {
        // A file in memory keeps its length, so the part lies in it for ever.
        self.file.bytes().get(self.range.clone()).unwrap_or_default()
    }
}
