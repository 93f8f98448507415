//! Arrays of NumPy, as `tests/oracles/files.py` has written them.

use std::fs;

use holotype::data::{read_npy, read_npz};
use holotype::prelude::*;

use crate::{assert_says, file};

#[track_caller]
fn refused(bytes: &[u8], words: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.npy");
    fs::write(&path, bytes).unwrap();
    let error = read_npy(&path).unwrap_err();
    assert!(matches!(error, Error::DataFile { .. }), "{error}");
    assert_says(&error, words);
    assert_says(&error, &["x.npy"]);
}

#[test]
fn arrays_of_every_dtype_are_those_that_numpy_wrote() {
    let names = [
        ("f4", DType::F32),
        ("f8", DType::F64),
        ("i1", DType::I8),
        ("i2", DType::I16),
        ("i4", DType::I32),
        ("i8", DType::I64),
        ("u1", DType::U8),
        ("u2", DType::U16),
        ("u4", DType::U32),
        ("u8", DType::U64),
    ];
    for (name, dtype) in names {
        let read = read_npy(file(&format!("{name}.npy"))).unwrap();
        assert_eq!(read.describe(), format!("[3, 2; {dtype}]"));
        let first = if name.starts_with('u') { 0.0 } else { -3.0 };
        let expected: Vec<f64> = (0..6).map(|i| first + f64::from(i)).collect();
        assert_eq!(read.cast(DType::F64).to_vec::<f64>().unwrap(), expected, "{name}");
    }
    let truth = read_npy(file("bool.npy")).unwrap().to_vec::<bool>().unwrap();
    assert_eq!(truth, [false, false, false, false, true, true]);
    assert_eq!(read_npy(file("empty.npy")).unwrap().describe(), "[0, 2; f32]");
}

#[test]
fn other_orders_are_the_same_array() {
    let expected = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0];
    let fortran = read_npy(file("fortran.npy")).unwrap();
    assert_eq!(
        (fortran.describe(), fortran.to_vec::<f64>().unwrap()),
        ("[3, 2; f64]".into(), expected.to_vec())
    );
    let big = read_npy(file("big_endian.npy")).unwrap().to_vec::<f32>().unwrap();
    assert_eq!(big, expected.map(|x| x as f32));
    // A header that leaves the elements where they are not aligned.
    let bytes = fs::read(file("f8.npy")).unwrap();
    let length = u16::from_le_bytes([bytes[8], bytes[9]]) - 3;
    let header = &bytes[10..usize::from(length) + 9];
    let odd = [&bytes[..8], &length.to_le_bytes()[..], header, b"\n", &bytes[bytes.len() - 48..]].concat();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("odd.npy");
    fs::write(&path, odd).unwrap();
    assert_eq!(read_npy(&path).unwrap().to_vec::<f64>().unwrap(), expected);
}

#[test]
fn archives_hold_arrays_by_name() {
    for name in ["stored.npz", "packed.npz"] {
        let arrays = read_npz(file(name)).unwrap();
        let names: Vec<&str> = arrays.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["x", "y"]);
        assert_eq!(arrays[0].1.to_vec::<f32>().unwrap(), [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0]);
        let data = Dataset::new(&arrays[0].1, &arrays[1].1).unwrap();
        assert_eq!(data.targets().to_vec::<i64>().unwrap(), [0, 1, 2]);
    }
    let bytes = fs::read(file("packed.npz")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.npz");
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert_says(&read_npz(&path).unwrap_err(), &["x.npz", "no archive of arrays"]);
    assert!(read_npz(file("f4.npy")).is_err());
}

#[test]
fn damaged_arrays_say_what_is_wrong() {
    let bytes = fs::read(file("f4.npy")).unwrap();
    refused(b"", &["does not begin as a file of NumPy does"]);
    refused(&bytes[..9], &["does not begin"]);
    refused(&bytes[..64], &["does not begin"]);
    refused(&bytes[..bytes.len() - 1], &["1 bytes are missing", "cut off"]);
    refused(&[&bytes[..], &[0; 3]].concat(), &["3 bytes follow the array"]);
    // The same file with a header that says something else.
    let changed = |from: &str, to: &str| {
        let header = std::str::from_utf8(&bytes[10..127]).unwrap().trim_end();
        let header = format!("{:<117}\n", header.replace(from, to));
        assert_eq!(header.len(), 118);
        [&bytes[..10], header.as_bytes(), &bytes[128..]].concat()
    };
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("same.npy"), changed("", "")).unwrap();
    assert!(read_npy(directory.path().join("same.npy")).is_ok());
    // Sizes of petabytes allocate nothing.
    refused(&changed("(3, 2)", "(3999999999999999,)"), &["15999999999999972 bytes are missing"]);
    refused(&changed("(3, 2)", "(4611686018427387904, 4)"), &["more bytes than can be counted"]);
    refused(&changed("(3, 2)", "(3, -2)"), &["x.npy"]);
    refused(&changed("(3, 2)", "(3, 2"), &["x.npy"]);
    refused(&changed("'<f4'", "'<q9'"), &["convert it with `astype`"]);
    refused(&changed("'<f4'", "'>f9'"), &["x.npy"]);
    assert_says(&read_npy(file("complex.npy")).unwrap_err(), &["c8", "convert it with `astype`"]);
    assert!(matches!(read_npy(file("none.npy")), Err(Error::Io { .. })));
}
