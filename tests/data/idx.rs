//! Files of the IDX format.

use std::fs;
use std::path::Path;

use holotype::data::{read_idx, read_idx_from};
use holotype::prelude::*;

use crate::assert_says;

fn digits(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/mnist-10k").join(name)
}

#[test]
fn real_digits_are_read() {
    let file = fs::File::open(digits("t10k-images-idx3-ubyte.gz")).unwrap();
    let images = read_idx_from(flate2::read::GzDecoder::new(file), "images").unwrap();
    assert_eq!(images.shape().concrete(), Some(vec![2000, 28, 28]));
    let file = fs::File::open(digits("t10k-labels-idx1-ubyte.gz")).unwrap();
    let labels = read_idx_from(flate2::read::GzDecoder::new(file), "labels").unwrap();
    let labels = labels.to_vec::<u8>().unwrap();
    assert!(labels.len() == 2000 && labels.iter().all(|label| *label < 10));
    let packed = read_idx(digits("t10k-labels-idx1-ubyte.gz"));
    if cfg!(feature = "data-gzip") {
        assert_eq!(packed.unwrap().to_vec::<u8>().unwrap(), labels);
    } else {
        assert_says(&packed.unwrap_err(), &["gzip", "data-gzip", "read_idx_from"]);
    }
}

#[test]
fn every_dtype_is_read_as_the_format_writes_it() {
    let file = |code: u8, elements: &[u8]| [&[0, 0, code, 2, 0, 0, 0, 1, 0, 0, 0, 2], elements].concat();
    let read = |bytes: Vec<u8>| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, &bytes).unwrap();
        let mapped = read_idx(&path).unwrap();
        assert_eq!(mapped.shape().concrete(), Some(vec![1, 2]));
        assert!(mapped.data().unwrap().same_bits(read_idx_from(&bytes[..], "x").unwrap().data().unwrap()));
        mapped
    };
    assert_eq!(read(file(0x08, &[1, 255])).to_vec::<u8>().unwrap(), [1, 255]);
    assert_eq!(read(file(0x09, &[1, 255])).to_vec::<i8>().unwrap(), [1, -1]);
    assert_eq!(read(file(0x0b, &[1, 0, 255, 254])).to_vec::<i16>().unwrap(), [256, -2]);
    assert_eq!(read(file(0x0c, &[0, 0, 1, 0, 255, 255, 255, 254])).to_vec::<i32>().unwrap(), [256, -2]);
    let floats = [1.5_f32, -0.0].map(f32::to_be_bytes).concat();
    assert_eq!(read(file(0x0d, &floats)).to_vec::<f32>().unwrap(), [1.5, -0.0]);
    let floats = [1.5_f64, f64::MIN].map(f64::to_be_bytes).concat();
    assert_eq!(read(file(0x0e, &floats)).to_vec::<f64>().unwrap(), [1.5, f64::MIN]);
}

#[test]
fn rows_of_a_mapped_file_make_a_dataset() {
    let directory = tempfile::tempdir().unwrap();
    let [images, labels] = ["images", "labels"].map(|name| directory.path().join(name));
    fs::write(&images, [0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6]).unwrap();
    fs::write(&labels, [0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]).unwrap();
    let data = Dataset::new(read_idx(images).unwrap(), read_idx(labels).unwrap()).unwrap();
    let example = data.example(2).unwrap();
    assert_eq!(example.inputs[0].to_vec::<u8>().unwrap(), [5, 6]);
    assert_eq!(example.targets[0].to_scalar::<u8>().unwrap(), 9);
}

#[test]
fn damaged_files_say_what_is_wrong_and_where() {
    let header = |sizes: [u8; 8], code: u8| [&[0, 0, code, 2], &sizes[..]].concat();
    let two_by_two = [0, 0, 0, 2, 0, 0, 0, 2];
    let huge = [255; 8];
    let cases: [(Vec<u8>, &[&str]); 11] = [
        (vec![], &["at least 4 bytes, and it has 0"]),
        (vec![0, 0, 8], &["and it has 3"]),
        (vec![1, 0, 8, 1, 0, 0, 0, 0], &["two bytes 0, and it begins with 1 and 0"]),
        (vec![0, 0, 7, 1, 0, 0, 0, 0], &[", byte 2", "0x07"]),
        (vec![0, 0, 8, 0], &[", byte 3", "no dimensions"]),
        (vec![0, 0, 8, 2, 0, 0, 0, 1, 0], &["ends within its header", "8 bytes, and 5 are there"]),
        (header(two_by_two, 8), &[", byte 12", "[2, 2] of u8 take 4 bytes, and 0 are there", "cut off"]),
        ([header(two_by_two, 0x0b), vec![0; 7]].concat(), &["take 8 bytes, and 7 are there"]),
        ([header(two_by_two, 8), vec![0; 5]].concat(), &["take 4 bytes, and more are there"]),
        (header(huge, 8), &["take 18446744065119617025 bytes, and 0 are there"]),
        (header(huge, 0x0e), &[", byte 4", "more bytes than can be counted"]),
    ];
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("digits");
    for (bytes, words) in cases {
        fs::write(&path, &bytes).unwrap();
        for error in [read_idx(&path).unwrap_err(), read_idx_from(&bytes[..], &path).unwrap_err()] {
            assert!(matches!(error, Error::DataFile { .. }), "{error}");
            assert_says(&error, words);
            assert_says(&error, &["digits"]);
        }
    }
    assert!(matches!(read_idx(directory.path()), Err(Error::DataFile { .. })));
    assert!(matches!(read_idx(directory.path().join("none")), Err(Error::Io { .. })));
}
