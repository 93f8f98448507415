//! Every truncation and every flipped bit of both files.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use holotype::prelude::*;
use holotype::store::{self, Disk, Load, Save};

use crate::binary::files;
use crate::memory::Memory;
use crate::models::Small;

fn is_typed(error: &Error) -> bool {
    matches!(error, Error::Format { .. } | Error::NewerFormat { .. })
}

fn check(disk: &Arc<Memory>, file: &str, bytes: &[u8], what: impl Fn() -> String) {
    disk.write(Path::new(file), &[bytes]).unwrap();
    let error = Load::new().disk(disk.clone()).load("/model").map(drop).unwrap_err();
    assert!(is_typed(&error), "{file}, {}: {error:?}", what());
}

#[test]
fn every_truncation_and_every_flipped_bit_is_noticed() {
    let disk = Memory::new();
    Save::new().disk(disk.clone()).layer(&Small::new(0.3), "/model").unwrap();
    for name in disk.files("/model") {
        let file = format!("/model/{name}");
        let mut whole = Vec::new();
        disk.open(Path::new(&file)).unwrap().1.read_to_end(&mut whole).unwrap();
        for length in 0..whole.len() {
            check(&disk, &file, &whole[..length], || format!("cut at {length}"));
        }
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            check(&disk, &file, &bytes, || format!("bit {bit} flipped"));
        }
        check(&disk, &file, &[&whole[..], &[0]].concat(), || "a byte behind the end".into());
        check(&disk, &file, &[&[0], &whole[..]].concat(), || "a byte before the start".into());
        disk.write(Path::new(&file), &[&whole]).unwrap();
    }
    Load::new().disk(disk).load("/model").unwrap();
}

#[test]
fn variables_of_another_model_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| directory.path().join(name));
    store::save(&Small::new(0.1), &first).unwrap();
    store::save(&Small::new(0.2), &second).unwrap();
    let ([_, own], [_, other]) = (files(&first), files(&second));
    fs::copy(other, &own).unwrap();
    assert!(is_typed(&store::load(&first).unwrap_err()));
    fs::remove_file(own).unwrap();
    assert!(matches!(store::load(&first), Err(Error::Io { .. })));
}
