//! The gzipped IDX files that lie beside the examples.

use std::fs::File;
use std::path::Path;

use flate2::read::GzDecoder;
use holotype::data::read_idx_from;
use holotype::prelude::*;

/// Reads a file whole.
pub fn read(path: &Path) -> Result<Tensor> {
    let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
    read_idx_from(GzDecoder::new(file), path)
}
