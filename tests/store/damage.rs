//! Every truncation and every flipped bit of both files.

use std::fs;
use std::path::Path;

use holotype::prelude::*;
use holotype::store::{self, Load};

use crate::binary::files;
use crate::models::Small;

fn is_typed(error: &Error) -> bool {
    matches!(error, Error::Format { .. } | Error::NewerFormat { .. })
}

fn check(model: &Path, file: &Path, bytes: &[u8], what: &str) {
    fs::write(file, bytes).unwrap();
    let error = store::load(model).expect_err(what);
    assert!(is_typed(&error), "{what}: {error:?}");
}

#[test]
fn every_truncation_and_every_flipped_bit_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let model = directory.path();
    store::save(&Small::new(0.3), model).unwrap();
    for file in files(model) {
        let whole = fs::read(&file).unwrap();
        for length in 0..whole.len() {
            check(model, &file, &whole[..length], &format!("{} cut at {length}", file.display()));
        }
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            check(model, &file, &bytes, &format!("{} with bit {bit} flipped", file.display()));
        }
        let longer = [&whole[..], &[0]].concat();
        check(model, &file, &longer, "a byte behind the end");
        let shifted = [&[0], &whole[..]].concat();
        check(model, &file, &shifted, "a byte before the start");
        fs::write(&file, whole).unwrap();
    }
    store::load(model).unwrap();
    Load::new().copied().load(model).unwrap();
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
