//! A second reader and writer of the outside of `saved_model.bin`, made from `FORMAT.md` and not from the library.

use std::fs;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub struct Binary {
    pub version: u32,
    pub needed: u32,
    pub sections: Vec<Section>,
}

#[derive(Clone, Debug)]
pub struct Section {
    pub name: Vec<u8>,
    pub flags: u32,
    pub bytes: Vec<u8>,
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn u64_at(bytes: &[u8], at: usize) -> usize {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize
}

impl Binary {
    pub fn read(bytes: &[u8]) -> Self {
        assert_eq!(&bytes[..8], b"\x89HOL\r\n\x1a\n");
        let sections = (0..u32_at(bytes, 24) as usize).map(|index| {
            let row = &bytes[32 + 80 * index..][..80];
            let name = row[..24].iter().copied().take_while(|&byte| byte != 0).collect();
            let bytes = bytes[u64_at(row, 32)..][..u64_at(row, 40)].to_vec();
            assert_eq!(blake3::hash(&bytes).as_bytes(), &row[48..]);
            Section { name, flags: u32_at(row, 24), bytes }
        });
        Self { version: u32_at(bytes, 8), needed: u32_at(bytes, 12), sections: sections.collect() }
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_with(|_| {})
    }

    /// The file, with its header changed before it is hashed.
    pub fn bytes_with(&self, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let start = 32 + 80 * self.sections.len() + 32;
        let total = start + self.sections.iter().map(|section| section.bytes.len()).sum::<usize>();
        let mut file = b"\x89HOL\r\n\x1a\n".to_vec();
        file.extend(self.version.to_le_bytes());
        file.extend(self.needed.to_le_bytes());
        file.extend((total as u64).to_le_bytes());
        file.extend((self.sections.len() as u32).to_le_bytes());
        file.extend([0; 4]);
        let mut offset = start;
        for section in &self.sections {
            let mut name = section.name.clone();
            name.resize(24, 0);
            file.extend(name);
            file.extend(section.flags.to_le_bytes());
            file.extend([0; 4]);
            file.extend((offset as u64).to_le_bytes());
            file.extend((section.bytes.len() as u64).to_le_bytes());
            file.extend(blake3::hash(&section.bytes).as_bytes());
            offset += section.bytes.len();
        }
        change(&mut file);
        file.extend(blake3::hash(&file).as_bytes());
        self.sections.iter().for_each(|section| file.extend(&section.bytes));
        file
    }

    pub fn section(&mut self, name: &str) -> &mut Section {
        self.sections.iter_mut().find(|section| section.name == name.as_bytes()).unwrap()
    }
}

/// The definition and the only file of variables of a saved model.
pub fn files(model: &Path) -> [PathBuf; 2] {
    let mut variables = fs::read_dir(model.join("variables")).unwrap();
    let file = variables.next().unwrap().unwrap().path();
    assert!(variables.next().is_none());
    [model.join("saved_model.bin"), file]
}
