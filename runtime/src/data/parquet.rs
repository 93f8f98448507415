//! Tables of Apache Parquet.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use parquet::schema::types::Type;

use super::arrays::Arrays;
use super::columns::{Cell, Columns, choosing};
use super::examples::{Examples, Pass, stacked};
use super::file::bad;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// The rows of a table of Parquet as examples. Choose the columns that make each part of an example, inputs first; columns of
/// truth values, whole numbers, floats and texts can be chosen.
///
/// A group of rows is unpacked when one of them is asked for, and kept until one of another group is. So a file of several
/// groups is read in order, and `fit` does not shuffle it: read it into memory with
/// [`Dataset::in_memory`](super::Dataset::in_memory), or write it as one group.
///
/// ```no_run
/// use holotype::data::Parquet;
/// use holotype::prelude::*;
/// let table = Parquet::open("houses.parquet")?.floats(["rooms", "age"])?.floats(["price"])?;
/// let data = Dataset::from_examples(table, 1)?.in_memory()?;
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct Parquet {
    path: PathBuf,
    columns: Columns,
    reader: SerializedFileReader<File>,
    /// The first row of each group, and then the number of all.
    starts: Vec<usize>,
    /// The group that was read last.
    group: Mutex<Option<(usize, Arrays)>>,
}

impl Parquet {
    /// A table of columns that are not nested.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read; [`Error::DataFile`] if it is no file of Parquet.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        let file = File::open(&path).map_err(|source| Error::io("read", &path, source))?;
        let reader = guarded(&path, || SerializedFileReader::new(file))?;
        let metadata = reader.metadata();
        let fields = metadata.file_metadata().schema().get_fields();
        let names = fields.iter().map(|field| field.name().to_owned()).collect();
        let mut starts = vec![0_usize];
        for (index, group) in metadata.row_groups().iter().enumerate() {
            let end = usize::try_from(group.num_rows()).ok().and_then(|rows| starts[index].checked_add(rows));
            starts.push(end.ok_or_else(|| {
                bad(
                    &path,
                    format!(", row group {index}"),
                    format!("it says to have {} rows", group.num_rows()),
                )
            })?);
        }
        Ok(Self { path, columns: Columns::new(names), reader, starts, group: Mutex::new(None) })
    }

    choosing!();

    /// The rows of a group.
    fn read(&self, group: usize) -> Result<Arrays> {
        let place = format!(", row group {group}");
        let schema = self.reader.metadata().file_metadata().schema();
        let used = self.columns.used();
        let fields: Vec<_> =
            used.iter().filter_map(|&column| schema.get_fields().get(column).cloned()).collect();
        if let Some(nested) = fields.iter().find(|field| field.is_group()) {
            return Err(bad(
                &self.path,
                place,
                format!("the column `{}` is nested: choose flat ones", nested.name()),
            ));
        }
        let (start, length) = (self.starts[group], self.starts[group + 1] - self.starts[group]);
        let projection =
            guarded(&self.path, || Type::group_type_builder(schema.name()).with_fields(fields).build())?;
        let reader = guarded(&self.path, || self.reader.get_row_group(group))?;
        let mut rows = guarded(&self.path, || reader.get_row_iter(Some(projection)))?;
        let indices: Vec<usize> = (start..start + length).collect();
        let parts = stacked(&indices, |index| {
            let row = guarded(&self.path, || rows.next().transpose())?;
            let row = row
                .ok_or_else(|| bad(&self.path, &place, format!("it ends before row {index} of the file")))?;
            self.parts(&row, index, &used)
        })?;
        let parts = parts.into_iter().map(Tensor::into_data).collect::<Result<_>>()?;
        Ok(Arrays::new(parts, length))
    }

    fn parts(&self, row: &Row, index: usize, used: &[usize]) -> Result<Vec<Tensor>> {
        let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
        let cell = |column: usize| {
            let field = used.binary_search(&column).ok().and_then(|at| fields.get(at));
            field.map_or(Cell::Missing, |field| value(field))
        };
        self.columns.read(&self.path, &format!(", row {index}"), cell)
    }
}

/// What a field holds. Others than numbers and texts are a text that says what they are, and so no number.
fn value(field: &Field) -> Cell<'_> {
    match field {
        Field::Null => Cell::Missing,
        Field::Bool(value) => Cell::Integer((*value).into()),
        Field::Byte(number) => Cell::Integer((*number).into()),
        Field::Short(number) => Cell::Integer((*number).into()),
        Field::Int(number) => Cell::Integer((*number).into()),
        Field::Long(number) => Cell::Integer(*number),
        Field::UByte(number) => Cell::Integer((*number).into()),
        Field::UShort(number) => Cell::Integer((*number).into()),
        Field::UInt(number) => Cell::Integer((*number).into()),
        Field::ULong(number) => i64::try_from(*number).map_or(Cell::Float(*number as f64), Cell::Integer),
        Field::Float(number) => Cell::Float((*number).into()),
        Field::Double(number) => Cell::Float(*number),
        Field::Str(text) => Cell::Text(text),
        _ => Cell::Text("(of a kind that is no number and no text)"),
    }
}

/// What the reader says of a file. It panics at some files that are damaged.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(bad(path, "", format!("it cannot be read as Parquet: {error}"))),
        Err(_) => Err(bad(path, "", "it is damaged: the reader of Parquet gave up on it")),
    }
}

impl Examples for Parquet {
    fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or_default()
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        if index >= self.len() {
            return Err(bad(
                &self.path,
                "",
                format!("there is no row {index}: the table has {} of them", self.len()),
            ));
        }
        let group = self.starts.partition_point(|&start| start <= index) - 1;
        let mut last = self.group.lock().unwrap_or_else(PoisonError::into_inner);
        let current = match last.take() {
            Some(current) if current.0 == group => current,
            _ => (group, self.read(group)?),
        };
        let parts = current.1.example(index - self.starts[group], pass);
        *last = Some(current);
        parts
    }

    fn in_order(&self) -> bool {
        self.starts.len() > 2
    }
}
