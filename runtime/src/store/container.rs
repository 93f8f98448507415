//! The outside of a definition: a header, a table of sections, the sections.
//!
//! Every byte is either a constant that is checked or covered by a hash that is checked, and everything is checked before
//! anything is decoded.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, Result};

/// What the file starts with. As in PNG, it holds a byte above 127, both kinds of line end and the end-of-file mark of
/// DOS, so that no transfer that takes the file for text leaves it as it is.
pub(super) const MAGIC: [u8; 8] = *b"\x89HOL\r\n\x1a\n";
/// The version of the format that is written here, and the newest that is read.
pub(super) const VERSION: u32 = 1;
/// Bytes before the table of sections.
const PREFIX: usize = 32;
/// Bytes of one row of the table.
const ROW: usize = 80;
const NAME: usize = 24;
const HASH: usize = 32;
/// Sections a file may have.
const MAX_SECTIONS: usize = 256;
/// The flag of sections that a reader has to know.
const REQUIRED: u32 = 1;

/// The sections that this version knows.
pub(super) const KNOWN: [&str; 11] = [
    "strings",
    "types",
    "variables",
    "constants",
    "constant_data",
    "ops",
    "functions",
    "locations",
    "objects",
    "entries",
    "notes",
];

/// A section to be written.
pub(super) struct Section {
    pub name: &'static str,
    /// Whether a reader that does not know it has to refuse the file.
    pub required: bool,
    pub bytes: Vec<u8>,
}

/// The known sections of a file, by name.
pub(super) type Sections = BTreeMap<String, Vec<u8>>;

/// A file that holds these sections.
pub(super) fn write(sections: &[Section]) -> Vec<u8> {
    let start = PREFIX + ROW * sections.len() + HASH;
    let total = start + sections.iter().map(|section| section.bytes.len()).sum::<usize>();
    let mut file = Vec::with_capacity(total);
    file.extend(MAGIC);
    file.extend(VERSION.to_le_bytes());
    file.extend(VERSION.to_le_bytes());
    file.extend((total as u64).to_le_bytes());
    file.extend((sections.len() as u32).to_le_bytes());
    file.extend([0; 4]);
    let mut offset = start;
    for section in sections {
        let mut name = [0; NAME];
        name[..section.name.len()].copy_from_slice(section.name.as_bytes());
        file.extend(name);
        file.extend(u32::from(section.required).to_le_bytes());
        file.extend([0; 4]);
        file.extend((offset as u64).to_le_bytes());
        file.extend((section.bytes.len() as u64).to_le_bytes());
        file.extend(blake3::hash(&section.bytes).as_bytes());
        offset += section.bytes.len();
    }
    let hash = blake3::hash(&file);
    file.extend(hash.as_bytes());
    for section in sections {
        file.extend(&section.bytes);
    }
    file
}

/// Checks a file and takes it apart: its version, and the sections that are known here.
///
/// # Errors
/// [`Error::NewerFormat`] if it needs a newer reader, else [`Error::Format`] with what is wrong.
pub(super) fn read(path: &Path, file: &[u8]) -> Result<(u32, Sections)> {
    let fail = |message: String| Error::format(path, message);
    if file.get(..MAGIC.len()) != Some(&MAGIC) {
        return Err(fail("it does not start as the definition of a saved model does".into()));
    }
    let mut prefix = Fields(file);
    let short = || fail(format!("it ends after {} bytes, in the header", file.len()));
    let header = (|| {
        prefix.take(MAGIC.len())?;
        Some((prefix.u32()?, prefix.u32()?, prefix.u64()?, prefix.u32()?, prefix.u32()?))
    })();
    let (version, needed, total, count, zero) = header.ok_or_else(short)?;
    if needed > VERSION {
        return Err(Error::NewerFormat { path: path.to_path_buf(), found: needed, supported: VERSION });
    }
    if needed == 0 || needed > version {
        return Err(fail(format!("its version is {version}, and it claims to need {needed}")));
    }
    if total != file.len() as u64 {
        return Err(fail(format!("it has {} bytes, and its header says {total}", file.len())));
    }
    let count = count as usize;
    if count > MAX_SECTIONS || zero != 0 {
        return Err(fail(format!("its header is damaged: {count} sections, reserved bytes {zero:#x}")));
    }
    let table_end = PREFIX + ROW * count;
    let hash = file.get(table_end..table_end + HASH).ok_or_else(short)?;
    if blake3::hash(&file[..table_end]).as_bytes() != hash {
        return Err(fail("its header is damaged: the hash is that of other bytes".into()));
    }
    let mut offset = table_end + HASH;
    let mut sections = Sections::new();
    let mut seen = Vec::new();
    for row in file[PREFIX..table_end].chunks_exact(ROW) {
        let row = Row::read(row).map_err(&fail)?;
        let message = |message: String| fail(format!("section `{}`: {message}", row.name));
        if seen.contains(&row.name) {
            return Err(message("it stands in the file twice".into()));
        }
        if row.offset != offset as u64 {
            return Err(message(format!(
                "it starts at {}, and what is before it ends at {offset}",
                row.offset
            )));
        }
        let end = usize::try_from(row.length).ok().and_then(|length| offset.checked_add(length));
        let bytes = end.and_then(|end| file.get(offset..end));
        let bytes = bytes.ok_or_else(|| message(format!("its {} bytes go beyond the file", row.length)))?;
        if blake3::hash(bytes).as_bytes() != row.hash {
            return Err(message("it is damaged: the hash is that of other bytes".into()));
        }
        offset += bytes.len();
        if KNOWN.contains(&row.name.as_str()) {
            sections.insert(row.name.clone(), bytes.to_vec());
        } else if row.required {
            let advice = "this version of Holotype does not know it, and the file cannot be read without it: use a newer one";
            return Err(message(advice.into()));
        }
        seen.push(row.name);
    }
    if offset == file.len() {
        Ok((version, sections))
    } else {
        Err(fail(format!("{} bytes stand behind the last section", file.len() - offset)))
    }
}

struct Row<'a> {
    name: String,
    required: bool,
    offset: u64,
    length: u64,
    hash: &'a [u8],
}

impl<'a> Row<'a> {
    fn read(row: &'a [u8]) -> Result<Self, String> {
        let mut fields = Fields(row);
        let parsed = (|| {
            let name = fields.take(NAME)?;
            let (flags, zero) = (fields.u32()?, fields.u32()?);
            Some((name, flags, zero, fields.u64()?, fields.u64()?, fields.take(HASH)?))
        })();
        let Some((name, flags, zero, offset, length, hash)) = parsed else {
            return Err("a row of its table of sections is too short".into());
        };
        let used = name.iter().position(|&byte| byte == 0).unwrap_or(NAME);
        let is_word = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
        let sound =
            used > 0 && name[..used].iter().all(is_word) && name[used..].iter().all(|&byte| byte == 0);
        if !sound || zero != 0 || flags & !REQUIRED != 0 {
            return Err(format!(
                "a section has the name {name:?}, the flags {flags:#x} and reserved bytes {zero:#x}"
            ));
        }
        let name = String::from_utf8_lossy(&name[..used]).into_owned();
        Ok(Self { name, required: flags & REQUIRED != 0, offset, length, hash })
    }
}

/// Reads fields one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
}
