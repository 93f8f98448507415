//! Tables of text, as `tests/oracles/files.py` has written them.

use std::fs;

use holotype::data::{Csv, CsvFormat, read_npy};
use holotype::prelude::*;

use crate::{assert_says, file};

const KINDS: [&str; 4] = ["plain", "with, comma", "with \"quotes\"", "two\nlines"];

fn check(table: Csv, names: [&str; 5]) {
    let [number, wave, large, kind, label] = names;
    let table = table.floats([wave, large, number]).unwrap().integers([number, label]).unwrap();
    let table = table.class(kind, KINDS).unwrap().label(label, 3).unwrap();
    let data = Dataset::from_examples(table, 2).unwrap();
    let expected =
        [read_npy(file("table_floats.npy")).unwrap(), read_npy(file("table_integers.npy")).unwrap()];
    for (found, expected) in data.inputs().iter().zip(expected) {
        assert!(found.data().unwrap().same_bits(expected.data().unwrap()));
    }
    let targets: Vec<Vec<i64>> = data.all_targets().iter().map(|target| target.to_vec().unwrap()).collect();
    assert_eq!(targets[0], (0..40).map(|row| row % 4).collect::<Vec<_>>());
    assert_eq!(targets[1], (0..40).map(|row| row % 3).collect::<Vec<_>>());
    // In any order, and from a thread of its own.
    for seed in 0..5 {
        for batch in data.batches(7).shuffle(seed).prefetch(2) {
            let batch = batch.unwrap();
            let numbers = batch.inputs()[1].to_vec::<i64>().unwrap();
            let kinds = batch.all_targets()[0].to_vec::<i64>().unwrap();
            assert!(numbers.chunks(2).zip(kinds).all(|(row, kind)| (row[0] + 7) % 4 == kind), "seed {seed}");
        }
    }
}

#[test]
fn rows_are_those_that_pandas_reads() {
    check(Csv::open(file("table.csv")).unwrap(), ["number", "wave", "large", "kind", "label"]);
    let table = CsvFormat::new().delimiter(b'\t').without_header().open(file("table.tsv")).unwrap();
    assert_eq!(table.columns(), ["0", "1", "2", "3", "4"]);
    check(table, ["0", "1", "2", "3", "4"]);
}

/// What is said of a table of this text, whose column `x` makes floats and `y` a label of two classes.
fn said(text: &[u8]) -> Error {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("some.csv");
    fs::write(&path, text).unwrap();
    let read = || {
        let table = Csv::open(&path)?.floats(["x"])?.label("y", 2)?;
        Dataset::from_examples(table, 1)?.in_memory()
    };
    read().unwrap_err()
}

#[test]
fn bad_cells_are_named_by_example_line_and_column() {
    let error = said(b"x,y\n1,0\n2,1\nthree,0\n");
    assert!(matches!(error, Error::Example { index: 2, .. }), "{error}");
    assert_says(&error, &["example 2 of the data: ", "some.csv, line 4, column `x`: `three` is no number"]);
    assert_says(&said(b"x,y\n1,0\n,1\n"), &["example 1", "line 3, column `x`: it is empty", ".filled("]);
    assert_says(&said(b"x,y\n1,0.5\n"), &["line 2, column `y`: `0.5` is no whole number of i64"]);
    assert_says(&said(b"x,y\n1,2\n"), &["line 2, column `y`: the label is 2, and there are 2 classes"]);
    assert_says(&said(b"x,y\n1,-1\n"), &["the label is -1"]);
    assert_says(&said(b"x,y\nnan,1\n"), &["NaN is not a finite number"]);
    assert_says(&said(b"x,y\n1e39,1\n"), &["inf is not a finite number"]);
    assert_says(&said(b"x,y\n1,99999999999999999999\n"), &["no whole number of i64"]);
    assert_says(&said(b"x,y\n1,\xff\n"), &["line 2", "column 1 is no UTF-8"]);
}

#[test]
fn bad_tables_are_refused_when_they_are_opened() {
    let error = said(b"x,y\n1,0\n2\n");
    assert!(matches!(error, Error::DataFile { .. }), "{error}");
    assert_says(&error, &["some.csv, line 3: the row has 1 columns, and the rows before it 2"]);
    assert_says(&said(b""), &["some.csv: it is empty"]);
    assert_says(&said(b"x,z\n1,2\n"), &["there is no column `y`: the columns are `x`, `z`"]);
    assert_says(&said(b"x,y,y\n1,2,3\n"), &["several columns `y`"]);
    assert_says(&said(b"x,y\n"), &["the dataset is empty"]);
    let table = Csv::open(file("table.csv")).unwrap();
    assert_says(&Dataset::from_examples(table, 1).unwrap_err(), &["no columns have been chosen"]);
    assert!(Csv::open(file("table.csv")).unwrap().floats([]).is_err());
    let one = Csv::open(file("table.csv")).unwrap().floats(["wave"]).unwrap();
    assert_says(&Dataset::from_examples(one, 2).unwrap_err(), &["1 parts", "the first 2 are to be inputs"]);
    assert!(matches!(Csv::open(file("none.csv")), Err(Error::Io { .. })));
}

#[test]
fn missing_numbers_can_be_filled() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("some.csv");
    fs::write(&path, "x,y\n,1\n 2.5 ,\n").unwrap();
    let table = Csv::open(&path).unwrap().floats(["x"]).unwrap().integers(["y"]).unwrap().filled(-1.0);
    let data = Dataset::from_examples(table, 1).unwrap();
    assert_eq!(data.inputs()[0].to_vec::<f32>().unwrap(), [-1.0, 2.5]);
    assert_eq!(data.targets().to_vec::<i64>().unwrap(), [1, -1]);
}

#[test]
fn a_file_that_has_changed_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("some.csv");
    fs::write(&path, "x,y\n".to_owned() + &"1,1\n".repeat(5000)).unwrap();
    let table = Csv::open(&path).unwrap().floats(["x"]).unwrap().label("y", 2).unwrap();
    let data = Dataset::from_examples(table, 1).unwrap();
    fs::write(&path, "x,y\n1,1\n").unwrap();
    assert_says(&data.example(4999).unwrap_err(), &["example 4999", "shorter since it was opened"]);
}
