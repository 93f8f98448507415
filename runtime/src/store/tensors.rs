//! Tensors by name in a file of their own: safetensors, which other programs read and write too.

use std::path::Path;

use safetensors::SafeTensors;

use super::disk::{Disk, FileSystem};
use super::{elements, variables};
use crate::error::{Error, Result};
use crate::tensor::{Data, Tensor};

/// Writes tensors into a safetensors file, and makes the directories above it. A file that stands there is replaced at one
/// stroke.
///
/// # Errors
/// The error that a tensor carries, a name that stands twice, or what the system says.
///
/// ```
/// use holotype::prelude::*;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("data.safetensors");
/// holotype::store::save_tensors(&path, &[("x", &Tensor::from([1.0_f32, 2.0]))])?;
/// let tensors = holotype::store::load_tensors(&path)?;
/// assert_eq!(tensors[0].0, "x");
/// assert_eq!(tensors[0].1.to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn save_tensors(path: impl AsRef<Path>, tensors: &[(&str, &Tensor)]) -> Result<()> {
    let path = path.as_ref();
    let mut values: Vec<(&str, Data)> = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        if values.iter().any(|(known, _)| known == name) {
            return Err(Error::format(path, format!("two tensors are named `{name}`")));
        }
        values.push((*name, (*tensor).clone().into_data()?));
    }
    let written = variables::write(values.iter().map(|(name, data)| (*name, data)).collect())?;
    let parts: Vec<&[u8]> = written.parts.iter().map(AsRef::as_ref).collect();
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = Path::new(&unfinished);
    if let Some(parent) = path.parent() {
        FileSystem.create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
    }
    let put = FileSystem.write(unfinished, &parts).and_then(|()| FileSystem.sync(unfinished));
    put.and_then(|()| FileSystem.rename(unfinished, path)).map_err(|error| Error::io("write", path, error))
}

/// Tensors as the bytes of a safetensors file.
pub(crate) fn tensors_to_bytes<'a>(tensors: impl Iterator<Item = (&'a str, &'a Data)>) -> Result<Vec<u8>> {
    Ok(variables::write(tensors.collect())?.parts.concat())
}

/// The tensors that the bytes of a safetensors file hold.
pub(crate) fn tensors_from_bytes(bytes: &[u8]) -> Result<Vec<(String, Data)>> {
    parse(bytes).map_err(|message| Error::Data(format!("tensors in bytes: {message}")))
}

/// Reads the tensors of a safetensors file into memory, by name in the order of the names.
///
/// # Errors
/// [`Error::Format`] for a file that is no safetensors file or holds a dtype that tensors do not have, [`Error::Io`] for what
/// the system says.
pub fn load_tensors(path: impl AsRef<Path>) -> Result<Vec<(String, Tensor)>> {
    let path = path.as_ref();
    let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
    let tensors = parse(&bytes).map_err(|message| Error::format(path, message))?;
    Ok(tensors.into_iter().map(|(name, data)| (name, Tensor::from_data(data))).collect())
}

fn parse(bytes: &[u8]) -> Result<Vec<(String, Data)>, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut tensors = Vec::new();
    for (name, view) in file.tensors() {
        let dtype = variables::from_safetensors(view.dtype())
            .ok_or_else(|| format!("`{name}` is {:?}, which tensors here cannot be", view.dtype()))?;
        let data = elements::from_file(dtype, view.shape().to_vec(), view.data())
            .map_err(|message| format!("`{name}`: {message}"))?;
        tensors.push((name, data));
    }
    crate::sorted::sort_by(&mut tensors, &|(left, _), (right, _)| left.cmp(right));
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_or_read_is_a_typed_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/data.safetensors");
        let (x, wrong) = (Tensor::from([true]), Tensor::from([1_i8]).reshape([2]));
        save_tensors(&path, &[("x", &x)]).unwrap();
        assert!(matches!(save_tensors(&path, &[("x", &x), ("x", &x)]), Err(Error::Format { .. })));
        assert!(matches!(save_tensors(&path, &[("x", &wrong)]), Err(Error::Op(_))));
        assert_eq!(load_tensors(&path).unwrap()[0].1.to_vec::<bool>().unwrap(), [true]);
        assert!(matches!(load_tensors(folder.path().join("none")), Err(Error::Io { .. })));
        std::fs::write(&path, b"no tensors").unwrap();
        assert!(matches!(load_tensors(&path), Err(Error::Format { .. })));
    }
}
