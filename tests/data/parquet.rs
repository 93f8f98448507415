//! Tables of Parquet, as `tests/oracles/files.py` has written them with pyarrow.

use std::fs;

use holotype::data::{Parquet, read_npy};
use holotype::prelude::*;

use crate::{assert_says, file};

const KINDS: [&str; 4] = ["plain", "with, comma", "with \"quotes\"", "two\nlines"];

fn table(name: &str) -> Dataset {
    let table = Parquet::open(file(name)).unwrap();
    assert_eq!(table.columns(), ["number", "wave", "large", "kind", "label"]);
    let table = table.floats(["wave", "large", "number"]).unwrap().integers(["number", "label"]).unwrap();
    Dataset::from_examples(table.class("kind", KINDS).unwrap().label("label", 3).unwrap(), 2).unwrap()
}

#[test]
fn tables_are_those_that_were_written() {
    for name in ["table.parquet", "groups.parquet"] {
        let data = table(name).in_memory().unwrap();
        let expected =
            [read_npy(file("table_floats.npy")).unwrap(), read_npy(file("table_integers.npy")).unwrap()];
        for (found, expected) in data.inputs().iter().zip(expected) {
            assert!(found.data().unwrap().same_bits(expected.data().unwrap()), "{name}");
        }
        let targets: Vec<Vec<i64>> =
            data.all_targets().iter().map(|target| target.to_vec().unwrap()).collect();
        assert_eq!(targets[0], (0..40).map(|row| row % 4).collect::<Vec<_>>());
        assert_eq!(targets[1], (0..40).map(|row| row % 3).collect::<Vec<_>>());
    }
    let example = table("groups.parquet").example(17).unwrap();
    assert_eq!(example.inputs[1].to_vec::<i64>().unwrap(), [10, 2]);
}

#[test]
fn several_groups_are_read_in_order() {
    let first = |data: Dataset| data.batches(4).shuffle(1).into_iter().next().unwrap();
    assert!(first(table("table.parquet")).is_ok());
    assert_says(&first(table("groups.parquet")).unwrap_err(), &["cannot be shuffled", ".in_memory()"]);
}

#[test]
fn nulls_are_missing_numbers() {
    let open = || Parquet::open(file("nulls.parquet")).unwrap().floats(["x"]).unwrap();
    let filled = Dataset::from_examples(open().integers(["y"]).unwrap().filled(7.0), 1).unwrap();
    assert_eq!(filled.inputs()[0].to_vec::<f32>().unwrap(), [1.5, 7.0, 2.5]);
    assert_eq!(filled.targets().to_vec::<i64>().unwrap(), [1, 0, 7]);
    let error = Dataset::from_examples(open().label("y", 2).unwrap(), 1).unwrap_err();
    assert_says(&error, &["nulls.parquet, row 1, column `x`: it is empty"]);
    let floats =
        Parquet::open(file("nulls.parquet")).unwrap().integers(["y"]).unwrap().integers(["x"]).unwrap();
    assert_says(&Dataset::from_examples(floats, 1).unwrap_err(), &["column `x`: 1.5 is a float"]);
}

#[test]
fn damaged_tables_are_refused() {
    let bytes = fs::read(file("table.parquet")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.parquet");
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let table = Parquet::open(&path)?.floats(["wave"])?.class("kind", KINDS)?;
        Dataset::from_examples(table, 1)?.in_memory()
    };
    assert_eq!(read(&bytes).unwrap().len(), 40);
    for length in [0, 3, 12, bytes.len() / 2, bytes.len() - 1] {
        let error = read(&bytes[..length]).unwrap_err();
        assert!(matches!(error, Error::DataFile { .. }), "{error}");
        assert_says(&error, &["x.parquet", "Parquet"]);
    }
    assert!(matches!(Parquet::open(file("none.parquet")), Err(Error::Io { .. })));
}
