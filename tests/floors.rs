//! The architecture as a test: each floor of the runtime uses only those before it, and no file holds more than one idea.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, lowest first; modules on one floor may use each other. `ops` and `functional` offer the tensor's methods
/// together, `layers`, `losses` and `metrics` are written with the public macros.
const FLOORS: [&[&str]; 16] = [
    &["error", "sorted", "tensor"],
    &["registry"],
    &["graph"],
    &["ops", "functional"],
    &["control"],
    &["random"],
    &["init"],
    &["trace"],
    &["autodiff"],
    &["exec"],
    &["transform"],
    &["module"],
    &["layers", "losses", "metrics"],
    &["store"],
    &["data"],
    &["train"],
];

/// The most lines a file may have.
const LINES: usize = 450;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The module of the runtime that a file belongs to.
fn module_of(file: &Path, source: &Path) -> String {
    let first = file.strip_prefix(source).unwrap().components().next().unwrap();
    Path::new(first.as_os_str()).file_stem().unwrap().to_string_lossy().into_owned()
}

/// The runtime's modules that a text names by `crate::`.
fn named_modules(text: &str) -> Vec<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let rest = rest.trim_start();
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        for name in names {
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            found.push(name[..end].to_owned());
        }
    }
    found
}

#[test]
fn each_floor_uses_only_those_before_it() {
    let source = root().join("runtime/src");
    let floors: BTreeMap<&str, usize> = FLOORS
        .iter()
        .enumerate()
        .flat_map(|(floor, modules)| modules.iter().map(move |module| (*module, floor)))
        .collect();
    let mut seen = 0;
    for file in rust_files(&source) {
        let module = module_of(&file, &source);
        if module == "lib" || module == "private" {
            continue;
        }
        let Some(&floor) = floors.get(module.as_str()) else {
            panic!("{} stands on no floor: give `{module}` one", file.display());
        };
        for used in named_modules(&fs::read_to_string(&file).unwrap()) {
            // Names that are no modules are macros of the crate, and what generated code uses.
            if let Some(&other) = floors.get(used.as_str()) {
                assert!(other <= floor, "{} uses `{used}`, which stands above `{module}`", file.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 200, "only {seen} uses were found: the test does not read what it should");
}

#[test]
fn the_reader_of_uses_finds_groups_and_paths() {
    let text = "use crate::{error::Error, graph};\n// crate::train\nlet x = crate::store::save(y);";
    assert_eq!(named_modules(text), ["error", "graph", "store"]);
}

#[test]
fn no_file_is_too_long() {
    let root = root();
    let long: Vec<String> = rust_files(&root)
        .into_iter()
        .filter_map(|file| {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            let path = file.strip_prefix(&root).unwrap().display().to_string();
            (lines > LINES).then(|| format!("{path}: {lines} lines"))
        })
        .collect();
    assert!(long.is_empty(), "split these along their ideas:\n{}", long.join("\n"));
}

#[test]
fn only_one_file_names_bincode_and_unsafe_stays_in_one() {
    let source = root().join("runtime/src");
    let holding = |word: &str| -> Vec<String> {
        let holds =
            |file: &PathBuf| fs::read_to_string(file).unwrap().lines().any(|line| line.contains(word));
        rust_files(&source)
            .into_iter()
            .filter(holds)
            .map(|file| file.strip_prefix(&source).unwrap().display().to_string())
            .collect()
    };
    assert_eq!(holding("bincode::"), ["store/codec.rs"]);
    assert_eq!(holding("unsafe {"), ["exec/compiled/arena.rs", "store/map.rs"]);
}
