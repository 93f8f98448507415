//! Which columns of a table make which parts of an example.

use std::path::Path;

use super::file::bad;
use crate::error::{Error, Result};
use crate::tensor::{Data, Tensor};

/// What a table holds in a row and a column.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "data-parquet"), expect(dead_code, reason = "a file of text holds text"))]
pub(super) enum Cell<'a> {
    Text(&'a str),
    Float(f64),
    Integer(i64),
    Missing,
}

/// The parts that examples of a table have.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    parts: Vec<Part>,
    /// What stands for numbers that are missing.
    filled: Option<f32>,
}

#[derive(Clone, Debug)]
struct Part {
    columns: Vec<usize>,
    kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// `[columns; f32]`.
    Floats,
    /// `[columns; i64]`.
    Integers,
    /// `[; i64]`, below a number.
    Label(usize),
    /// `[; i64]`, the place of a text in a list.
    Class(Vec<String>),
}

impl Columns {
    pub fn new(names: Vec<String>) -> Self {
        Self { names, ..Self::default() }
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns that parts are made of, in rising order.
    #[cfg(feature = "data-parquet")]
    pub fn used(&self) -> Vec<usize> {
        let mut used: Vec<usize> = self.parts.iter().flat_map(|part| part.columns.iter().copied()).collect();
        used.sort_unstable();
        used.dedup();
        used
    }

    pub fn fill(&mut self, value: f32) {
        self.filled = Some(value);
    }

    /// Adds a part.
    pub fn add<'n>(
        &mut self,
        path: &Path,
        names: impl IntoIterator<Item = &'n str>,
        kind: Kind,
    ) -> Result<()> {
        let columns = names.into_iter().map(|name| self.place(path, name)).collect::<Result<Vec<_>>>()?;
        if columns.is_empty() {
            return Err(bad(path, "", "a part of an example is made of no columns: name at least one"));
        }
        self.parts.push(Part { columns, kind });
        Ok(())
    }

    fn place(&self, path: &Path, name: &str) -> Result<usize> {
        let mut places = self.names.iter().enumerate().filter(|(_, known)| *known == name);
        let Some((place, _)) = places.next() else {
            let known: Vec<_> = self.names.iter().map(|name| format!("`{name}`")).collect();
            return Err(bad(
                path,
                "",
                format!("there is no column `{name}`: the columns are {}", known.join(", ")),
            ));
        };
        if places.next().is_some() {
            return Err(bad(
                path,
                "",
                format!("there are several columns `{name}`: give them different names"),
            ));
        }
        Ok(place)
    }

    /// The parts of a row. `place` says which row an error speaks of.
    pub fn read<'a>(
        &self,
        path: &Path,
        place: &str,
        cell: impl Fn(usize) -> Cell<'a>,
    ) -> Result<Vec<Tensor>> {
        if self.parts.is_empty() {
            let message = "no columns have been chosen: name those that make inputs and targets";
            return Err(bad(path, "", message));
        }
        let part = |part: &Part| {
            let fail = |column: usize, message: String| {
                let name = self.names.get(column).map_or("", String::as_str);
                bad(path, format!("{place}, column `{name}`"), message)
            };
            let integer =
                |column: usize| integer(cell(column), self.filled).map_err(|message| fail(column, message));
            let (first, count) = (part.columns[0], part.columns.len());
            Ok(Tensor::from_data(match &part.kind {
                Kind::Floats => {
                    let number = |&column: &usize| {
                        float(cell(column), self.filled).map_err(|message| fail(column, message))
                    };
                    Data::new([count], part.columns.iter().map(number).collect::<Result<Vec<_>>>()?)?
                }
                Kind::Integers => {
                    let numbers = part.columns.iter().map(|&column| integer(column));
                    Data::new([count], numbers.collect::<Result<Vec<_>>>()?)?
                }
                Kind::Label(classes) => {
                    let label = integer(first)?;
                    if usize::try_from(label).is_ok_and(|label| label < *classes) {
                        Data::scalar(label)
                    } else {
                        let message =
                            format!("the label is {label}, and there are {classes} classes, from 0 on");
                        return Err(fail(first, message));
                    }
                }
                Kind::Class(classes) => {
                    let text = match cell(first) {
                        Cell::Text(text) => text.to_owned(),
                        Cell::Integer(number) => number.to_string(),
                        Cell::Float(number) => number.to_string(),
                        Cell::Missing => String::new(),
                    };
                    let Some(class) = classes.iter().position(|class| *class == text) else {
                        let message = format!("it is `{text}`, and the classes are {}", classes.join(", "));
                        return Err(fail(first, message));
                    };
                    Data::scalar(class as i64)
                }
            }))
        };
        self.parts.iter().map(part).collect::<Result<_, Error>>()
    }
}

const MISSING: &str =
    "it is empty: fill the file, or say with `.filled(...)` what is to stand for numbers that are missing";

fn float(cell: Cell<'_>, filled: Option<f32>) -> Result<f32, String> {
    let number = match cell {
        Cell::Missing => return filled.ok_or_else(|| MISSING.to_owned()),
        Cell::Text(text) if text.trim().is_empty() => return filled.ok_or_else(|| MISSING.to_owned()),
        Cell::Text(text) => text
            .trim()
            .parse::<f32>()
            .map_err(|_| format!("`{text}` is no number: leave the column out, or use it as a class"))?,
        Cell::Float(number) => number as f32,
        Cell::Integer(number) => number as f32,
    };
    if number.is_finite() { Ok(number) } else { Err(format!("{number} is not a finite number of f32")) }
}

fn integer(cell: Cell<'_>, filled: Option<f32>) -> Result<i64, String> {
    let filled = || filled.map(|value| value as i64).ok_or_else(|| MISSING.to_owned());
    match cell {
        Cell::Missing => filled(),
        Cell::Text(text) if text.trim().is_empty() => filled(),
        Cell::Text(text) => text.trim().parse().map_err(|_| {
            format!("`{text}` is no whole number of i64: read the column as floats, or as a class")
        }),
        Cell::Integer(number) => Ok(number),
        Cell::Float(number) => Err(format!("{number} is a float: read the column as floats")),
    }
}

/// The methods that choose columns, for a table with the fields `path` and `columns`.
macro_rules! choosing {
    () => {
        /// The names of the columns.
        pub fn columns(&self) -> &[String] {
            self.columns.names()
        }

        /// Makes the next part of an example of numbers: `[columns; f32]`.
        ///
        /// # Errors
        /// [`Error::DataFile`](crate::error::Error::DataFile) if there is no column of a name.
        pub fn floats<'n>(mut self, columns: impl IntoIterator<Item = &'n str>) -> Result<Self> {
            self.columns.add(&self.path, columns, super::columns::Kind::Floats)?;
            Ok(self)
        }

        /// Makes the next part of an example of whole numbers: `[columns; i64]`.
        ///
        /// # Errors
        /// As [`Self::floats`].
        pub fn integers<'n>(mut self, columns: impl IntoIterator<Item = &'n str>) -> Result<Self> {
            self.columns.add(&self.path, columns, super::columns::Kind::Integers)?;
            Ok(self)
        }

        /// Makes the next part of an example of a label, a number from 0 on and below `classes`: `[; i64]`.
        ///
        /// # Errors
        /// As [`Self::floats`].
        pub fn label(mut self, column: &str, classes: usize) -> Result<Self> {
            self.columns.add(&self.path, [column], super::columns::Kind::Label(classes))?;
            Ok(self)
        }

        /// Makes the next part of an example of a text, as its place in the list of classes: `[; i64]`.
        ///
        /// # Errors
        /// As [`Self::floats`].
        pub fn class<'n>(mut self, column: &str, classes: impl IntoIterator<Item = &'n str>) -> Result<Self> {
            let classes = classes.into_iter().map(str::to_owned).collect();
            self.columns.add(&self.path, [column], super::columns::Kind::Class(classes))?;
            Ok(self)
        }

        /// What stands for numbers that are missing; without it they are errors.
        pub fn filled(mut self, value: f32) -> Self {
            self.columns.fill(value);
            self
        }
    };
}

pub(super) use choosing;
