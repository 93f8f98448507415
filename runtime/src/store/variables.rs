//! The files that hold the values of variables: safetensors.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::contents::Region;
use super::elements;
use super::records::File;
use crate::error::{Error, Result};
use crate::graph::VariableDefinition;
use crate::sorted;
use crate::tensor::{DType, Data, Storage, TensorType};

/// The directory of the files.
pub(super) const DIRECTORY: &str = "variables";
/// The name in a safetensors header that is not that of a tensor.
const RESERVED: &str = "__metadata__";
/// The values start at a multiple of this, and so on a cache line of a mapped file.
const ALIGNMENT: usize = 64;
/// Bytes of the length before a safetensors header, and the longest header that readers accept.
const LENGTH: usize = 8;
const MAX_HEADER: usize = 100_000_000;

/// A file to be written.
pub(super) struct Written<'a> {
    pub parts: Vec<Cow<'a, [u8]>>,
    pub file: File,
}

/// The file that holds these values, largest elements first, so that each starts at a multiple of its element's size.
pub(super) fn write<'a>(mut values: Vec<(&'a str, &'a Data)>) -> Result<Written<'a>> {
    sorted::sort_by_key(&mut values, |(path, data)| (std::cmp::Reverse(data.dtype().size()), *path));
    let mut infos = Vec::with_capacity(values.len());
    let mut offset = 0;
    for (path, data) in &values {
        if *path == RESERVED {
            let message = format!("a variable cannot be named `{RESERVED}`: rename the field");
            return Err(Error::Variable { path: RESERVED.into(), message });
        }
        let range = (offset, offset + data.bytes().len());
        offset = range.1;
        let info = TensorInfo {
            dtype: to_safetensors(data.dtype()),
            shape: data.sizes().to_vec(),
            data_offsets: range,
        };
        infos.push(((*path).to_owned(), info));
    }
    let fail = |message: String| Error::Variable { path: String::new(), message };
    let metadata = Metadata::new(None, infos).map_err(|error| fail(error.to_string()))?;
    let mut header = serde_json::to_vec(&metadata).map_err(|error| fail(error.to_string()))?;
    header.resize((LENGTH + header.len()).next_multiple_of(ALIGNMENT) - LENGTH, b' ');
    if header.len() > MAX_HEADER {
        return Err(fail(format!("the names of the variables take more than {MAX_HEADER} bytes")));
    }
    let mut parts = vec![Cow::Owned((header.len() as u64).to_le_bytes().to_vec()), Cow::Owned(header)];
    parts.extend(values.iter().map(|(_, data)| elements::to_file(data)));
    let mut hash = blake3::Hasher::new();
    for part in &parts {
        hash.update(part);
    }
    let length = parts.iter().map(|part| part.len() as u64).sum();
    Ok(Written { parts, file: File { length, hash: bytemuck::cast(*hash.finalize().as_bytes()) } })
}

/// The name of a file: what it holds is part of it, so that no two are ever confused.
pub(super) fn file_name(index: usize, count: usize, file: &File) -> String {
    let hash = blake3::Hash::from_bytes(bytemuck::cast(file.hash)).to_hex();
    format!("{DIRECTORY}-{index:05}-of-{count:05}-{}.safetensors", &hash.as_str()[..16])
}

/// Whether a file in the directory is one that the store writes.
pub(super) fn is_ours(name: &str) -> bool {
    let digits = |text: &str, count, hex| {
        let is = |c: char| if hex { matches!(c, '0'..='9' | 'a'..='f') } else { c.is_ascii_digit() };
        text.len() == count && text.chars().all(is)
    };
    let parse = || {
        let (index, rest) = name.strip_prefix("variables-")?.split_once("-of-")?;
        let (count, rest) = rest.split_once('-')?;
        let hash = rest.strip_suffix(".safetensors")?;
        Some(digits(index, 5, false) && digits(count, 5, false) && digits(hash, 16, true))
    };
    parse().unwrap_or(false)
}

/// Checks that a file is the one the definition speaks of.
pub(super) fn check(path: &Path, expected: &File, contents: &[u8]) -> Result<()> {
    if contents.len() as u64 != expected.length {
        let message = format!("it has {} bytes, and the definition says {}", contents.len(), expected.length);
        return Err(Error::format(path, message));
    }
    if blake3::hash(contents).as_bytes()[..] != *expected.hash.as_flattened() {
        return Err(Error::format(path, "it is damaged: the hash is that of other bytes"));
    }
    Ok(())
}

/// Takes the values out of a file that holds exactly these variables. They stay where they are in memory.
pub(super) fn read(
    path: &Path,
    contents: &Arc<dyn Storage>,
    expected: &[&VariableDefinition],
) -> Result<BTreeMap<String, Data>> {
    let fail = |message: String| Error::format(path, message);
    let (header, metadata) =
        SafeTensors::read_metadata(contents.bytes()).map_err(|error| fail(error.to_string()))?;
    let start = LENGTH + header;
    let names = sorted::set(expected.iter().map(|variable| variable.path.as_str()));
    if let Some(extra) = metadata.offset_keys().into_iter().find(|name| !names.contains(name.as_str())) {
        let message = format!("{} holds it, and the definition does not have it", path.display());
        return Err(Error::Variable { path: extra, message });
    }
    let value = |variable: &&VariableDefinition| {
        let fail = |message: String| Error::Variable { path: variable.path.clone(), message };
        let info = metadata.info(&variable.path);
        let info = info.ok_or_else(|| fail(format!("{} does not hold it", path.display())))?;
        let sizes = check_type(&variable.kind, info).map_err(fail)?;
        let (from, to) = info.data_offsets;
        let region = Region::new(contents.clone(), start + from..start + to)
            .ok_or_else(|| fail("its bytes lie outside the file".into()))?;
        let data = tensor(variable.kind.dtype, sizes, region).map_err(fail)?;
        Ok((variable.path.clone(), data))
    };
    expected.iter().map(value).collect()
}

fn check_type(kind: &TensorType, info: &TensorInfo) -> Result<Vec<usize>, String> {
    let sizes = kind.shape.concrete().ok_or_else(|| format!("its shape {} is not known", kind.shape))?;
    if info.dtype != to_safetensors(kind.dtype) || info.shape != sizes {
        return Err(format!(
            "the definition says {kind}, and the file holds {:?} with sizes {:?}",
            info.dtype, info.shape
        ));
    }
    Ok(sizes)
}

/// The values of a region: in place if that is possible here, else a copy.
fn tensor(dtype: DType, sizes: Vec<usize>, region: Region) -> Result<Data, String> {
    let bytes = region.bytes();
    let in_place = cfg!(target_endian = "little") && bytes.as_ptr().addr().is_multiple_of(dtype.size());
    if in_place {
        Data::from_storage(dtype, sizes, Arc::new(region)).map_err(|error| error.to_string())
    } else {
        elements::from_file(dtype, sizes, bytes)
    }
}

fn to_safetensors(dtype: DType) -> Dtype {
    match dtype {
        DType::F32 => Dtype::F32,
        DType::F64 => Dtype::F64,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::I8 => Dtype::I8,
        DType::I16 => Dtype::I16,
        DType::I32 => Dtype::I32,
        DType::I64 => Dtype::I64,
        DType::U8 => Dtype::U8,
        DType::U16 => Dtype::U16,
        DType::U32 => Dtype::U32,
        DType::U64 => Dtype::U64,
        DType::Bool => Dtype::BOOL,
    }
}

/// The dtype of tensors here, if there is one.
pub(super) fn from_safetensors(dtype: Dtype) -> Option<DType> {
    DType::ALL.into_iter().find(|known| to_safetensors(*known) == dtype)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_form_are_ours() {
        let file = File { length: 0, hash: [[0xab; 8]; 4] };
        assert_eq!(file_name(0, 1, &file), "variables-00000-of-00001-abababababababab.safetensors");
        assert!(is_ours(&file_name(3, 12, &file)));
        for foreign in [
            "variables-00000-of-00001.safetensors",
            "variables-00000-of-00001-abababababababAB.safetensors",
            "variables-00000-of-00001-abababababababab.safetensors.txt",
            "model.safetensors",
        ] {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }
}
