//! Files that are whole, with all hashes right, and that say what cannot be.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use holotype::graph::{PrintOptions, print};
use holotype::prelude::*;
use holotype::store::{self, Disk, Load, Save};
use tempfile::TempDir;

use crate::binary::{Binary, Section, files};
use crate::memory::Memory;
use crate::models::{Small, outputs};

struct Model {
    _directory: TempDir,
    path: PathBuf,
    definition: PathBuf,
    binary: Binary,
}

fn model() -> Model {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_path_buf();
    store::save(&Small::new(0.3), &path).unwrap();
    let [definition, _] = files(&path);
    let binary = Binary::read(&fs::read(&definition).unwrap());
    Model { _directory: directory, path, definition, binary }
}

impl Model {
    fn load(&self, bytes: &[u8]) -> Result<Program> {
        fs::write(&self.definition, bytes).unwrap();
        let start = Instant::now();
        let result = store::load(&self.path);
        assert!(start.elapsed() < Duration::from_secs(20), "it hangs");
        result
    }

    fn refuses(&self, bytes: &[u8], words: &str) {
        let error = self.load(bytes).expect_err(words).to_string();
        assert!(error.contains(words), "`{error}` does not say `{words}`");
    }

    /// Puts other contents into a section.
    fn refuses_section(&self, name: &str, bytes: Vec<u8>, words: &str) {
        let mut binary = self.binary.clone();
        binary.section(name).bytes = bytes;
        self.refuses(&binary.bytes(), words);
    }
}

#[test]
fn the_second_writer_writes_the_same_bytes() {
    let model = model();
    assert_eq!(model.binary.bytes(), fs::read(&model.definition).unwrap());
}

#[test]
fn versions_and_unknown_sections() {
    let model = model();
    let with = |name: &str, flags| {
        let mut binary = model.binary.clone();
        binary.version = 7;
        binary.sections.insert(3, Section { name: name.into(), flags, bytes: vec![1, 2, 3] });
        binary
    };
    let expected = outputs(&Program::trace(&Small::new(0.3)).unwrap());
    let loaded = model.load(&with("preview", 0).bytes()).unwrap();
    assert_eq!(outputs(&loaded), expected);
    model.refuses(&with("sparse_values", 1).bytes(), "section `sparse_values`: this version");

    let mut newer = model.binary.clone();
    (newer.version, newer.needed) = (9, 2);
    let error = model.load(&newer.bytes()).unwrap_err();
    assert!(matches!(error, Error::NewerFormat { found: 2, supported: 1, .. }), "{error}");
    (newer.version, newer.needed) = (1, 0);
    model.refuses(&newer.bytes(), "claims to need 0");
}

#[test]
fn a_definition_without_places_loads() {
    let mut model = model();
    model.binary.sections.retain(|section| section.name != b"locations");
    let loaded = model.load(&model.binary.bytes()).unwrap();
    let program = Program::trace(&Small::new(0.3)).unwrap();
    let plain = PrintOptions { locations: false };
    assert_eq!(print(loaded.graph(), plain), print(program.graph(), plain));
}

#[test]
fn headers_that_lie_are_refused() {
    let model = model();
    let change = |at: usize, bytes: &[u8], words: &str| {
        let changed = model.binary.bytes_with(|header| header[at..at + bytes.len()].copy_from_slice(bytes));
        model.refuses(&changed, words);
    };
    let row = |index: usize, field: usize| 32 + 80 * index + field;
    change(16, &[0xff; 8], "its header says 18446744073709551615");
    change(24, &[0xff; 4], "4294967295 sections");
    change(28, &[1], "reserved bytes 0x1");
    change(24, &[0], "its header is damaged");
    for length in [[0xff; 8], [0, 0, 0, 0, 0, 0, 0, 0x80], [0, 0, 1, 0, 0, 0, 0, 0]] {
        change(row(2, 40), &length, "go beyond the file");
    }
    change(row(0, 40), &[0; 8], "the hash is that of other bytes");
    change(row(1, 32), &[0; 8], "section `types`: it starts at 0");
    change(row(0, 24), &[3], "the flags 0x3");
    change(row(0, 28), &[1], "reserved bytes 0x1");
    for name in [&b"\0"[..], b"../strings", b"STRINGS", b"a\0b", &[0xff]] {
        change(row(0, 0), name, "a section has the name");
    }
    change(row(1, 0), b"strings\0", "stands in the file twice");
    change(row(0, 0), b"textures", "section `textures`: this version");

    let mut trailing = model.binary.bytes();
    trailing.extend([0; 3]);
    let length = trailing.len() as u64;
    trailing[16..24].copy_from_slice(&length.to_le_bytes());
    model.refuses(&trailing, "damaged");
}

#[test]
fn every_section_is_needed_but_the_places() {
    let model = model();
    for index in 0..model.binary.sections.len() {
        let mut binary = model.binary.clone();
        let name = String::from_utf8(binary.sections.remove(index).name).unwrap();
        if name != "locations" {
            model.refuses(&binary.bytes(), &format!("the section `{name}` is missing"));
        }
    }
}

#[test]
fn claims_of_enormous_tables_are_refused() {
    let model = model();
    for section in model.binary.sections.iter().filter(|section| section.name != b"constant_data") {
        let name = String::from_utf8(section.name.clone()).unwrap();
        for length in [u64::MAX, 1 << 60, 1 << 40, 1 << 32] {
            model.refuses_section(&name, length.to_le_bytes().to_vec(), &format!("section `{name}`"));
        }
        model.refuses_section(&name, Vec::new(), &format!("section `{name}`"));
        model.refuses_section(&name, [&section.bytes[..], &[0]].concat(), "behind the end");
    }
    model.refuses_section("constant_data", vec![0; 13], "section `constant");
    model.refuses_section("constant_data", Vec::new(), "too few for a constant");
}

/// Every byte of every section is changed, one at a time, and all hashes are made right again: each file is refused with
/// a typed error, or it is a model that can be called.
#[test]
fn every_byte_may_be_hostile() {
    let model = model();
    let input = Tensor::from([[1.0_f32, -2.0, 0.5]]);
    let disk = Memory::new();
    Save::new().disk(disk.clone()).layer(&Small::new(0.3), "/model").unwrap();
    let load = Load::new().disk(disk.clone());
    for section in 0..model.binary.sections.len() {
        for at in 0..model.binary.sections[section].bytes.len() {
            let old = model.binary.sections[section].bytes[at];
            for new in [old ^ 1, old.wrapping_add(1), old.wrapping_sub(1), 0, 0x7f, 0x80, 0xff] {
                if new == old {
                    continue;
                }
                let mut binary = model.binary.clone();
                binary.sections[section].bytes[at] = new;
                disk.write(Path::new("/model/saved_model.bin"), &[&binary.bytes()]).unwrap();
                if let Ok(program) = load.load("/model") {
                    let _ = program.call(std::slice::from_ref(&input));
                }
            }
        }
    }
}

/// A list of integers, as bincode writes it.
fn list(items: &[&[u8]]) -> Vec<u8> {
    [&(items.len() as u64).to_le_bytes()[..], &items.concat()].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn a_small_file_cannot_ask_for_much_memory() {
    // One text of a megabyte, mentioned by a hundred thousand variables.
    let model = model();
    let mut binary = model.binary.clone();
    let megabyte = 1_u32 << 20;
    let text = vec![b'a'; megabyte as usize];
    binary.section("strings").bytes =
        [list(&[&words(&[megabyte])]), list(&text.chunks(1).collect::<Vec<_>>())].concat();
    let type_record = [&[1_u8][..], &words(&[0])].concat();
    binary.section("types").bytes = [list(&[&type_record]), list(&[]), list(&[]), list(&[])].concat();
    let file = [&[0_u8; 8][..], &[0; 32]].concat();
    let variable = [&words(&[0, 0])[..], &[1], &words(&[0])].concat();
    let variables: Vec<&[u8]> = vec![&variable; 100_000];
    binary.section("variables").bytes = [list(&[&file]), list(&variables)].concat();
    model.refuses(&binary.bytes(), "too much memory");
}

#[test]
fn trees_that_nest_or_branch_without_end_are_refused() {
    let model = model();
    let object = |children_end: u32| {
        [&[2_u8][..], &words(&[u32::MAX, u32::MAX, u32::MAX]), &[0], &words(&[0, children_end])].concat()
    };
    let table = |count: u32, width: u32| {
        let objects: Vec<_> = (0..count).map(|index| object(index * width)).collect();
        let child = |index: u32, _: u32| words(&[0, index]);
        let children: Vec<_> =
            (0..count - 1).flat_map(|index| (0..width).map(move |number| child(index, number))).collect();
        let objects: Vec<&[u8]> = objects.iter().map(Vec::as_slice).collect();
        let children: Vec<&[u8]> = children.iter().map(Vec::as_slice).collect();
        [list(&objects), list(&children), list(&[])].concat()
    };
    model.refuses_section("objects", table(300, 1), "nests 257 deep");
    model.refuses_section("objects", table(64, 2), "paths below it");
}

fn variables_file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// Puts another file of variables in place, with its hash and length in the definition.
fn with_variables(model: &Model, path: &Path, contents: &[u8]) -> Result<Program> {
    let hash = blake3::hash(contents);
    let name = format!("variables-00000-of-00001-{}.safetensors", &hash.to_hex()[..16]);
    fs::write(path.join("variables").join(name), contents).unwrap();
    let mut binary = model.binary.clone();
    let table = &mut binary.section("variables").bytes;
    table[8..16].copy_from_slice(&(contents.len() as u64).to_le_bytes());
    table[16..48].copy_from_slice(hash.as_bytes());
    model.load(&binary.bytes())
}

#[test]
fn variables_that_do_not_fit_the_definition_are_named() {
    let model = model();
    let [_, file] = files(&model.path);
    let whole = fs::read(file).unwrap();
    let length = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let header = std::str::from_utf8(&whole[8..8 + length]).unwrap().trim_end().to_owned();
    let data = &whole[8 + length..];
    with_variables(&model, &model.path, &variables_file(&header, data)).unwrap();

    let is_variable = |header: &str, data: &[u8], name: &str| {
        let error = with_variables(&model, &model.path, &variables_file(header, data)).unwrap_err();
        match &error {
            Error::Variable { path, .. } => assert_eq!(path, name, "{error}"),
            _ => panic!("{error}"),
        }
    };
    is_variable(&header.replace("\"weights\"", "\"weight\""), data, "weight");
    is_variable(&header.replace("\"shape\":[3]", "\"shape\":[3,1]"), data, "weights");
    let swapped = header.replace("\"dtype\":\"F32\",\"shape\":[3]", "\"dtype\":\"I32\",\"shape\":[3]");
    is_variable(&swapped, data, "weights");
    let with_extra =
        header.replacen('{', "{\"\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},", 1);
    is_variable(&with_extra, data, "");
    let mut no_truth = data.to_vec();
    *no_truth.last_mut().unwrap() = 2;
    is_variable(&header, &no_truth, "inner.scale");

    let is_format = |contents: &[u8]| {
        let error = with_variables(&model, &model.path, contents).unwrap_err();
        assert!(matches!(error, Error::Format { .. }), "{error}");
    };
    is_format(&[]);
    is_format(&u64::MAX.to_le_bytes());
    is_format(&variables_file("{}", data));
    is_format(&variables_file(&"[".repeat(100_000), data));
    let huge = header.replace("\"shape\":[3]", "\"shape\":[4398046511105,4194304]");
    is_format(&variables_file(&huge, data));
    is_format(&variables_file(&header.replace("[3]", "[-3]"), data));

    // A header that is not padded makes the values stand anywhere: they are copied.
    for spaces in 1..8 {
        let padded = format!("{header}{}", " ".repeat(spaces));
        let loaded = with_variables(&model, &model.path, &variables_file(&padded, data)).unwrap();
        assert_eq!(outputs(&loaded), outputs(&Program::trace(&Small::new(0.3)).unwrap()));
    }
}

#[test]
fn ops_that_are_newer_or_unknown_are_named() {
    let model = model();
    let mut binary = model.binary.clone();
    // The first op is `multiply`; its record is its name, its version and the end of its attributes.
    let ops = &mut binary.section("ops").bytes;
    ops[12..16].copy_from_slice(&7_u32.to_le_bytes());
    model.refuses(&binary.bytes(), "has version 7, and this program knows versions 1 to 1");

    let mut binary = model.binary.clone();
    let strings = &mut binary.section("strings").bytes;
    let at = strings.windows(11).position(|window| window == b"exponential").unwrap();
    strings[at..at + 11].copy_from_slice(b"exploration");
    let error = model.load(&binary.bytes()).unwrap_err();
    assert!(matches!(&error, Error::UnknownName { name, .. } if name == "exploration"), "{error}");
}
