//! Tables of text, with a separator between columns (RFC 4180).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use csv::{ByteRecord, ErrorKind, Position, Reader, ReaderBuilder, StringRecord};

use super::columns::{Cell, Columns, choosing};
use super::examples::{Examples, Pass};
use super::file::bad;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// A row whose place in the file is known stands before so many others, which are gone through from there.
const STRIDE: usize = 16;

/// How a table of text is written.
#[derive(Clone, Copy, Debug)]
pub struct CsvFormat {
    delimiter: u8,
    header: bool,
}

impl Default for CsvFormat {
    fn default() -> Self {
        Self { delimiter: b',', header: true }
    }
}

impl CsvFormat {
    /// Commas between columns, whose names stand in the first line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another byte between columns.
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Says that the first line is a row like others; the names of the columns are `0`, `1`, ….
    pub fn without_header(mut self) -> Self {
        self.header = false;
        self
    }

    /// A table of this format.
    ///
    /// # Errors
    /// As [`Csv::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Csv> {
        Csv::open_as(path.as_ref(), self)
    }
}

/// The rows of a table of text as examples, which are read when they are asked for; see [`CsvFormat`] for other separators.
///
/// Opening goes through the file once, and keeps the place of every 16th row. Choose the columns that make each part of an
/// example, inputs first.
///
/// ```
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("flowers.csv");
/// # std::fs::write(&path, "length,width,kind\n5.1,3.5,setosa\n7.0,3.2,versicolor\n").unwrap();
/// use holotype::data::Csv;
/// use holotype::prelude::*;
///
/// let table = Csv::open(&path)?.floats(["length", "width"])?.class("kind", ["setosa", "versicolor"])?;
/// let data = Dataset::from_examples(table, 1)?;
/// assert_eq!(data.inputs()[0].to_vec::<f32>()?, [5.1, 3.5, 7.0, 3.2]);
/// assert_eq!(data.targets().to_vec::<i64>()?, [0, 1]);
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct Csv {
    path: PathBuf,
    columns: Columns,
    rows: usize,
    /// The places of the rows 0, 16, 32, ….
    places: Vec<Position>,
    at: Mutex<At>,
}

/// Where the file is read.
struct At {
    reader: Reader<File>,
    /// The row that comes next.
    next: usize,
    record: StringRecord,
}

impl Csv {
    /// A table with commas between columns, whose names stand in the first line.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read; [`Error::DataFile`] if it has no columns, or rows have different numbers of them.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        CsvFormat::new().open(path)
    }

    fn open_as(path: &Path, format: CsvFormat) -> Result<Self> {
        let file = File::open(path).map_err(|source| Error::io("read", path, source))?;
        let mut reader =
            ReaderBuilder::new().delimiter(format.delimiter).has_headers(format.header).from_reader(file);
        let first = reader.headers().map_err(|error| said(path, error))?;
        let names: Vec<String> = if format.header {
            first.iter().map(str::to_owned).collect()
        } else {
            (0..first.len()).map(|column| column.to_string()).collect()
        };
        if names.is_empty() {
            return Err(bad(path, "", "it is empty: a table begins with the names of its columns"));
        }
        let (mut rows, mut places, mut record) = (0, Vec::new(), ByteRecord::new());
        while reader.read_byte_record(&mut record).map_err(|error| said(path, error))? {
            if rows % STRIDE == 0 {
                places.extend(record.position().cloned());
            }
            rows += 1;
        }
        // Wherever the next row is asked for, it is looked for first.
        let at = Mutex::new(At { reader, next: usize::MAX, record: StringRecord::new() });
        Ok(Self { path: path.to_path_buf(), columns: Columns::new(names), rows, places, at })
    }

    choosing!();

    /// Reads a row into the record.
    fn seek<'a>(&self, at: &'a mut At, index: usize) -> Result<&'a StringRecord> {
        let missing =
            || bad(&self.path, "", format!("there is no row {index}: the table has {} of them", self.rows));
        if index >= self.rows {
            return Err(missing());
        }
        let from = std::mem::replace(&mut at.next, usize::MAX);
        let mut next = from;
        if from > index || index - from >= STRIDE {
            let place = self.places.get(index / STRIDE).ok_or_else(missing)?;
            at.reader.seek(place.clone()).map_err(|error| said(&self.path, error))?;
            next = index / STRIDE * STRIDE;
        }
        loop {
            if !at.reader.read_record(&mut at.record).map_err(|error| said(&self.path, error))? {
                return Err(bad(&self.path, "", "it has become shorter since it was opened"));
            }
            next += 1;
            if next > index {
                at.next = next;
                return Ok(&at.record);
            }
        }
    }
}

impl Examples for Csv {
    fn len(&self) -> usize {
        self.rows
    }

    fn example(&self, index: usize, _: Pass) -> Result<Vec<Tensor>> {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let record = self.seek(&mut at, index)?;
        let line = record.position().map_or(0, Position::line);
        let cell = |column: usize| record.get(column).map_or(Cell::Missing, Cell::Text);
        self.columns.read(&self.path, &format!(", line {line}"), cell)
    }
}

/// What the reader says of a file.
fn said(path: &Path, error: csv::Error) -> Error {
    let place = |position: &Option<Position>| {
        position.as_ref().map_or_else(String::new, |position| format!(", line {}", position.line()))
    };
    match error.into_kind() {
        ErrorKind::Io(source) => Error::io("read", path, source),
        ErrorKind::UnequalLengths { pos, expected_len, len } => bad(
            path,
            place(&pos),
            format!(
                "the row has {len} columns, and the rows before it {expected_len}: give each row the same"
            ),
        ),
        ErrorKind::Utf8 { pos, err } => bad(
            path,
            place(&pos),
            format!(
                "column {} is no UTF-8 from its byte {} on: save the file as UTF-8",
                err.field(),
                err.valid_up_to()
            ),
        ),
        other => bad(path, "", format!("{other:?}")),
    }
}
