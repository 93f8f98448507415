//! The IDX format of the MNIST files (<http://yann.lecun.com/exdb/mnist/>): two zero bytes, the element type, the number of
//! dimensions, each size as a big-endian `u32`, then the elements.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use ndarray::{ArrayD, IxDyn};

/// The code of unsigned bytes.
const UNSIGNED_BYTE: u8 = 0x08;

/// Reads a gzipped file of unsigned bytes.
pub fn read(path: &Path) -> Result<ArrayD<u8>, Box<dyn std::error::Error>> {
    let fail = |message: &str| format!("{}: {message}", path.display());
    let file = File::open(path).map_err(|error| fail(&error.to_string()))?;
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes).map_err(|error| fail(&error.to_string()))?;
    let [0, 0, UNSIGNED_BYTE, rank, rest @ ..] = bytes.as_slice() else {
        return Err(fail("no IDX file of unsigned bytes").into());
    };
    let (sizes, elements) =
        rest.split_at_checked(4 * usize::from(*rank)).ok_or_else(|| fail("it ends within its header"))?;
    let sizes: Vec<usize> = sizes
        .chunks_exact(4)
        .map(|size| size.iter().fold(0, |value, &byte| value << 8 | usize::from(byte)))
        .collect();
    Ok(ArrayD::from_shape_vec(IxDyn(&sizes), elements.to_vec()).map_err(|error| fail(&error.to_string()))?)
}
