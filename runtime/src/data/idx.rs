//! Files of the IDX format, in which MNIST comes.
//!
//! Two zero bytes, the code of the dtype, the number of dimensions, each size as a big-endian `u32`, then the elements,
//! big-endian and row-major ("The MNIST database of handwritten digits", section "The IDX file format").

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::file::{Region, bad, map};
use crate::error::{Error, Result};
use crate::tensor::{DType, Data, Tensor, element_count};

/// How a gzip file begins (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file of the IDX format as a tensor `[examples, …]` of `u8`, `i8`, `i16`, `i32`, `f32` or `f64`.
///
/// A file of bytes is mapped, and so may be larger than memory: only the rows that are asked for are read, and nobody may write
/// into the file meanwhile. Wider elements are big-endian in the file, and are read into memory. So is a file that is packed
/// with gzip, which the feature `data-gzip` reads.
///
/// ```
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("labels-idx1-ubyte");
/// # std::fs::write(&path, [0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]).unwrap();
/// use holotype::data::read_idx;
/// assert_eq!(read_idx(&path)?.to_vec::<u8>()?, [7, 2, 1]);
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] if the file cannot be read; [`Error::DataFile`] if it is no IDX file, or does not hold the bytes that its sizes
/// need.
pub fn read_idx(path: impl AsRef<Path>) -> Result<Tensor> {
    let path = path.as_ref();
    let file = map(path)?;
    if file.bytes().starts_with(&GZIP) {
        return unpacked(path, file.bytes());
    }
    let header = Header::of(file.bytes(), path)?;
    let found = file.bytes().len() - header.length();
    header.check_length(found, path)?;
    if header.dtype.size() > 1 {
        let start = header.length();
        return header.tensor(&file.bytes()[start..]);
    }
    let storage = Region::new(file, header.length(), found);
    let storage = storage.ok_or_else(|| bad(path, "", "the file became shorter while it was read"))?;
    Ok(Tensor::from_data(Data::from_storage(header.dtype, header.sizes, Arc::new(storage))?))
}

/// What a reader gives in the IDX format, as [`read_idx`]: a stream that somebody unpacks. `name` stands for the file in errors.
///
/// ```
/// use holotype::data::read_idx_from;
/// let bytes = [0, 0, 0x0b, 1, 0, 0, 0, 2, 0, 1, 0xff, 0xff];
/// assert_eq!(read_idx_from(&bytes[..], "numbers")?.to_vec::<i16>()?, [1, -1]);
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// # Errors
/// As [`read_idx`].
pub fn read_idx_from(mut reader: impl Read, name: impl AsRef<Path>) -> Result<Tensor> {
    let name = name.as_ref();
    let mut bytes = Vec::new();
    let mut read = |bytes: &mut Vec<u8>, count: usize| {
        let read = reader.by_ref().take(count as u64).read_to_end(bytes);
        read.map_err(|source| Error::io("read", name, source))
    };
    read(&mut bytes, 4)?;
    let rank = bytes.get(3).copied().unwrap_or_default();
    read(&mut bytes, 4 * usize::from(rank))?;
    let header = Header::of(&bytes, name)?;
    bytes.clear();
    // One more, to see that nothing follows. Memory grows with what is there, whatever the header says.
    read(&mut bytes, header.bytes(name)?.saturating_add(1))?;
    header.check_length(bytes.len(), name)?;
    header.tensor(&bytes)
}

#[cfg(feature = "data-gzip")]
fn unpacked(path: &Path, bytes: &[u8]) -> Result<Tensor> {
    read_idx_from(flate2::read::MultiGzDecoder::new(bytes), path)
}

#[cfg(not(feature = "data-gzip"))]
fn unpacked(path: &Path, _: &[u8]) -> Result<Tensor> {
    Err(bad(
        path,
        "",
        "it is packed with gzip: switch the feature `data-gzip` on, unpack it, or give what unpacks it to `read_idx_from`",
    ))
}

/// What stands before the elements.
struct Header {
    dtype: DType,
    sizes: Vec<usize>,
}

impl Header {
    fn of(bytes: &[u8], path: &Path) -> Result<Self> {
        let fail = |place: &str, message: String| Err(bad(path, place, message));
        let [first, second, code, rank, sizes @ ..] = bytes else {
            let message =
                format!("an IDX file begins with a header of at least 4 bytes, and it has {}", bytes.len());
            return fail("", message);
        };
        if (*first, *second) != (0, 0) {
            return fail(
                "",
                format!("an IDX file begins with two bytes 0, and it begins with {first} and {second}"),
            );
        }
        let dtype = match code {
            0x08 => DType::U8,
            0x09 => DType::I8,
            0x0b => DType::I16,
            0x0c => DType::I32,
            0x0d => DType::F32,
            0x0e => DType::F64,
            other => {
                return fail(
                    ", byte 2",
                    format!(
                        "the dtype has the code {other:#04x}, and IDX knows 0x08, 0x09, 0x0b, 0x0c, 0x0d and 0x0e"
                    ),
                );
            }
        };
        if *rank == 0 {
            return fail(", byte 3", "it has no dimensions, and the first one counts examples".into());
        }
        let Some(sizes) = sizes.get(..4 * usize::from(*rank)) else {
            return fail(
                "",
                format!(
                    "it ends within its header: {rank} sizes take {} bytes, and {} are there",
                    4 * usize::from(*rank),
                    sizes.len()
                ),
            );
        };
        let size = |size: &[u8]| size.iter().fold(0, |value: usize, &byte| value << 8 | usize::from(byte));
        let header = Self { dtype, sizes: sizes.chunks_exact(4).map(size).collect() };
        header.bytes(path)?;
        Ok(header)
    }

    /// How many bytes it takes.
    fn length(&self) -> usize {
        4 + 4 * self.sizes.len()
    }

    /// How many bytes the elements take.
    fn bytes(&self, path: &Path) -> Result<usize> {
        let bytes = element_count(&self.sizes).and_then(|count| count.checked_mul(self.dtype.size()));
        bytes.ok_or_else(|| {
            bad(path, ", byte 4", format!("the sizes {:?} are of more bytes than can be counted", self.sizes))
        })
    }

    fn check_length(&self, found: usize, path: &Path) -> Result<()> {
        let expected = self.bytes(path)?;
        if found == expected {
            return Ok(());
        }
        let (what, advice) = if found < expected {
            (found.to_string(), "the file is cut off, get it again")
        } else {
            ("more".to_owned(), "it is no IDX file, or two of them")
        };
        Err(bad(
            path,
            format!(", byte {}", self.length()),
            format!(
                "the elements of sizes {:?} of {} take {expected} bytes, and {what} are there: {advice}",
                self.sizes, self.dtype
            ),
        ))
    }

    /// The tensor of these elements.
    fn tensor(self, elements: &[u8]) -> Result<Tensor> {
        let mut native = elements.to_vec();
        if cfg!(target_endian = "little") {
            native.chunks_exact_mut(self.dtype.size()).for_each(<[u8]>::reverse);
        }
        Ok(Tensor::from_data(Data::from_bytes(self.dtype, self.sizes, &native)?))
    }
}
