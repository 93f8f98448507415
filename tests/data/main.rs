//! Data to learn from: what datasets are made of and what is done to them, batches that are read ahead, files, and runs that go on
//! with the examples that they would have had.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[cfg(feature = "data-npy")]
mod arrays;
mod bad;
#[cfg(all(feature = "data-csv", feature = "data-npy"))]
mod csv;
mod idx;
#[cfg(all(feature = "data-images", feature = "data-npy"))]
mod images;
#[cfg(all(feature = "data-parquet", feature = "data-npy"))]
mod parquet;
mod pipeline;
mod resume;
mod stream;

use holotype::prelude::*;

/// The numbers from 0 on as `[rows, 2]`, with their rows as targets.
fn counted(rows: usize) -> Dataset {
    let x = Tensor::arange(rows * 2).cast(DType::F32).reshape([-1, 2]);
    Dataset::new(x, Tensor::arange(rows).cast(DType::I64)).unwrap()
}

fn labels(data: &Dataset) -> Vec<i64> {
    data.targets().to_vec().unwrap()
}

/// A file that `tests/oracles/files.py` has written.
#[cfg(feature = "data-npy")]
fn file(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/files").join(name)
}

#[track_caller]
fn assert_says(error: &Error, words: &[&str]) {
    let text = error.to_string();
    for words in words {
        assert!(text.contains(words), "expected `{words}` in:\n{text}");
    }
}
