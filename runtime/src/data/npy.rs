//! Arrays as NumPy saves them: NEP 1, "A Simple File Format for NumPy Arrays".

use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use ndarray::ArrayViewD;
use ndarray_npy::{ViewNpyError, ViewNpyExt};
use zip::ZipArchive;

use super::file::{Region, bad, map};
use crate::error::{Error, Result};
use crate::tensor::{Buffer, DType, Data, Element, Storage, Tensor};

/// An array that `numpy.save` has written.
///
/// The file is mapped, and so may be larger than memory: only the rows that are asked for are read, and nobody may write into the
/// file meanwhile. An array in the order of Fortran, or of another byte order than the machine's, is read into memory.
///
/// ```no_run
/// use holotype::data::read_npy;
/// use holotype::prelude::*;
/// let data = Dataset::new(read_npy("x.npy")?, read_npy("y.npy")?)?;
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] if the file cannot be read; [`Error::DataFile`] if it is no such file, holds another dtype than those of
/// numbers and truth values, or not as many bytes as its sizes need.
pub fn read_npy(path: impl AsRef<Path>) -> Result<Tensor> {
    let path = path.as_ref();
    array(map(path)?, path, "").map(Tensor::from_data)
}

/// The arrays that `numpy.savez` or `numpy.savez_compressed` has written, by name, read into memory.
///
/// # Errors
/// As [`read_npy`], with the name of the array.
pub fn read_npz(path: impl AsRef<Path>) -> Result<Vec<(String, Tensor)>> {
    let path = path.as_ref();
    let file = map(path)?;
    let said = |error: zip::result::ZipError| bad(path, "", format!("it is no archive of arrays: {error}"));
    let mut archive = ZipArchive::new(Cursor::new(file.bytes())).map_err(said)?;
    let mut arrays = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(said)?;
        let name = entry.name().map_err(said)?.into_owned();
        let name = name.strip_suffix(".npy").unwrap_or(&name).to_owned();
        let place = format!(", array `{name}`");
        // Memory grows with what is there, whatever the archive announces.
        let mut bytes = Vec::new();
        entry
            .read_to_end(&mut bytes)
            .map_err(|error| bad(path, &place, format!("it cannot be unpacked: {error}")))?;
        arrays.push((name, Tensor::from_data(array(Arc::new(bytes), path, &place)?)));
    }
    Ok(arrays)
}

/// The array that some bytes hold.
fn array(storage: Arc<dyn Storage>, path: &Path, place: &str) -> Result<Data> {
    let fail = |message: String| bad(path, place, message);
    let start = start(storage.bytes()).ok_or_else(|| {
        fail(
            "it does not begin as a file of NumPy does: with `\\x93NUMPY`, a version from 1 to 3, \
             and the length of its header"
                .into(),
        )
    })?;
    let storage = placed(storage, start).ok_or_else(|| fail("memory is short".into()))?;
    let attempts = [
        view::<f32>,
        view::<f64>,
        view::<i64>,
        view::<u8>,
        view::<i32>,
        view::<bool>,
        view::<i16>,
        view::<i8>,
        view::<u16>,
        view::<u32>,
        view::<u64>,
    ];
    let try_all = |storage: &Arc<dyn Storage>| {
        let mut found = None;
        for attempt in attempts {
            match attempt(storage) {
                Err(ViewNpyError::WrongDescriptor(dtype)) => {
                    found = Some(ViewNpyError::WrongDescriptor(dtype));
                }
                other => return other,
            }
        }
        Err(found.unwrap_or(ViewNpyError::LengthOverflow))
    };
    let data = match try_all(&storage) {
        Err(ViewNpyError::NonNativeEndian) => {
            let swapped = swapped(&storage, start)
                .ok_or_else(|| fail("its byte order is not said as NumPy says it".into()));
            try_all(&swapped?)
        }
        other => other,
    };
    data.map_err(|error| match error {
        ViewNpyError::MissingBytes(missing) => {
            fail(format!("{missing} bytes are missing at its end: the file is cut off, get it again"))
        }
        ViewNpyError::ExtraBytes(more) => fail(format!("{more} bytes follow the array: it is no file of one array")),
        ViewNpyError::WrongDescriptor(dtype) => fail(format!(
            "it holds elements of {dtype}, and what can be read are truth values, whole numbers, f32 and f64: \
             convert it with `astype`"
        )),
        ViewNpyError::LengthOverflow => fail("its sizes are of more bytes than can be counted".into()),
        other => fail(other.to_string()),
    })
}

/// Where the elements stand.
fn start(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let start = match *rest {
        [1, _, low, high, ..] => 10 + usize::from(u16::from_le_bytes([low, high])),
        [2 | 3, _, a, b, c, d, ..] => 12 + u32::from_le_bytes([a, b, c, d]) as usize,
        _ => return None,
    };
    (start <= bytes.len()).then_some(start)
}

/// The same bytes, moved if need be to where their elements are aligned for every dtype; none if memory is short.
fn placed(storage: Arc<dyn Storage>, start: usize) -> Option<Arc<dyn Storage>> {
    let length = storage.bytes().len();
    if (storage.bytes().as_ptr() as usize + start).is_multiple_of(8) {
        return Some(storage);
    }
    copied(storage.bytes(), start, length).map(|(storage, _)| storage)
}

/// A copy whose elements are aligned, and where it begins in its memory.
fn copied(bytes: &[u8], start: usize, length: usize) -> Option<(Arc<dyn Storage>, usize)> {
    let before = (8 - start % 8) % 8;
    let mut buffer = Buffer::new(before + length)?;
    buffer.bytes_mut().get_mut(before..)?.copy_from_slice(bytes);
    Some((Arc::new(Region::new(Arc::new(buffer), before, length)?), before))
}

/// The array in the machine's byte order, where the header says the other one.
fn swapped(storage: &Arc<dyn Storage>, start: usize) -> Option<Arc<dyn Storage>> {
    let mut bytes = storage.bytes().to_vec();
    let (header, elements) = bytes.split_at_mut_checked(start)?;
    let (theirs, ours) = if cfg!(target_endian = "little") { (b'>', b'<') } else { (b'<', b'>') };
    // 'descr': '>f4'
    let descriptor = header.windows(7).position(|window| window == b"'descr'")?;
    let order = descriptor + header.get(descriptor..)?.iter().position(|&byte| byte == theirs)?;
    let size = header.get(order + 2)?.checked_sub(b'0').filter(|size| matches!(size, 2 | 4 | 8))?;
    *header.get_mut(order)? = ours;
    elements.chunks_exact_mut(size.into()).for_each(<[u8]>::reverse);
    let length = bytes.len();
    copied(&bytes, start, length).map(|(storage, _)| storage)
}

/// The elements where they stand if they are row-major, and a row-major copy otherwise.
fn view<T: Element>(storage: &Arc<dyn Storage>) -> Result<Data, ViewNpyError>
where
    for<'a> ArrayViewD<'a, T>: ViewNpyExt<'a>,
{
    let view = ArrayViewD::<T>::view_npy(storage.bytes())?;
    let overflow = |_: Error| ViewNpyError::LengthOverflow;
    if view.is_standard_layout() && !view.is_empty() {
        let start = view.as_ptr() as usize - storage.bytes().as_ptr() as usize;
        let elements = Region::new(storage.clone(), start, size_of_val(view.as_slice().unwrap_or_default()));
        if let Some(elements) = elements {
            return Data::from_storage(dtype::<T>(), view.shape().to_vec(), Arc::new(elements))
                .map_err(overflow);
        }
    }
    let elements: Vec<T> = view.iter().copied().collect();
    Data::new(view.shape().to_vec(), elements).map_err(overflow)
}

fn dtype<T: Element>() -> DType {
    T::DTYPE
}
