//! The texts, types and places of a definition that is being read.

use std::cell::Cell;
use std::sync::Arc;

use super::names::Numbered;
use super::records::{Locations, NONE, Parts, Strings, Types};
use crate::error::Location;
use crate::tensor::{DType, Dim, Shape, TensorType};

/// Bytes that copies of texts and types may take, besides [`FACTOR`] times the definition.
const ALLOWANCE: usize = 48 << 20;
/// Bytes that copies may take for each byte of the definition. A text or a type stands in the file once and in memory
/// wherever it is mentioned, so without a bound a small file could ask for any amount of memory.
const FACTOR: usize = 64;

/// The tables that other tables refer to by index.
pub(super) struct Lookup {
    strings: Vec<Box<str>>,
    types: Vec<(TensorType, usize)>,
    budget: Cell<usize>,
}

impl Lookup {
    /// The tables of a definition of this many bytes.
    pub fn new(length: usize) -> Self {
        let budget = length.saturating_mul(FACTOR).saturating_add(ALLOWANCE);
        Self { strings: Vec::new(), types: Vec::new(), budget: Cell::new(budget) }
    }

    /// Takes the texts in.
    pub fn read_strings(&mut self, table: &Strings) -> Result<(), String> {
        let text = std::str::from_utf8(&table.text).map_err(|error| error.to_string())?;
        let mut parts = Parts::new(text.as_bytes());
        let mut start = 0;
        for &end in &table.ends {
            parts.next(end)?;
            let part = text.get(start..end as usize);
            let part = part.ok_or_else(|| format!("a text ends at {end}, within a character"))?;
            self.strings.push(part.into());
            start = end as usize;
        }
        parts.finish()
    }

    /// Takes the types in; they mention texts.
    pub fn read_types(&mut self, table: &Types) -> Result<(), String> {
        let mut dims = Parts::new(&table.dims);
        let mut terms = Parts::new(&table.terms);
        let mut factors = Parts::new(&table.factors);
        for record in &table.types {
            let mut shape = Vec::new();
            let mut weight = size_of::<TensorType>();
            for &end in dims.next(record.dims_end)? {
                let mut written = Vec::new();
                weight += size_of::<Dim>();
                for term in terms.next(end)? {
                    let factors = factors.next(term.factors_end)?;
                    weight += 40 + 24 * factors.len();
                    let factor =
                        |factor: &super::records::Factor| Ok((self.string(factor.symbol)?, factor.power));
                    let factors = factors.iter().map(factor).collect::<Result<Vec<_>, String>>()?;
                    written.push((term.coefficient, factors));
                }
                let dim = Dim::from_written_terms(written.clone())?;
                if dim.written_terms() != written {
                    return Err(format!("the size {dim} is not written in its normal form"));
                }
                shape.push(dim);
            }
            let kind = TensorType::new(DType::from_number(record.dtype)?, Shape::new(shape));
            self.types.push((kind, weight));
        }
        dims.finish()?;
        terms.finish()?;
        factors.finish()
    }

    /// The text with this index.
    pub fn string(&self, index: u32) -> Result<String, String> {
        let text = self.strings.get(index as usize);
        let text = text.ok_or_else(|| missing("text", index, self.strings.len()))?;
        self.charge(text.len())?;
        Ok((**text).to_owned())
    }

    /// The text with this index, if it is the index of one.
    pub fn optional(&self, index: u32) -> Result<Option<String>, String> {
        if index == NONE { Ok(None) } else { self.string(index).map(Some) }
    }

    /// The type with this index.
    pub fn kind(&self, index: u32) -> Result<TensorType, String> {
        let kind = self.types.get(index as usize);
        let (kind, weight) = kind.ok_or_else(|| missing("type", index, self.types.len()))?;
        self.charge(*weight)?;
        Ok(kind.clone())
    }

    /// Makes sure that checking the operands of a node, which copies their types, stays within bounds.
    pub fn mention(&self, kind: u32) -> Result<(), String> {
        self.types.get(kind as usize).map_or(Ok(()), |(_, weight)| self.charge(*weight))
    }

    /// Makes sure that one more copy of a name and its type stays within bounds.
    pub fn copies(&self, name: &str, kind: &TensorType) -> Result<(), String> {
        let terms =
            |dim: &Dim| dim.written_terms().iter().map(|(_, factors)| 40 + 24 * factors.len()).sum::<usize>();
        let dims: usize = kind.shape.iter().map(|dim| size_of::<Dim>() + terms(dim)).sum();
        self.charge(size_of::<TensorType>() + name.len() + dims)
    }

    /// The place of each node in user code.
    pub fn locations(&self, table: &Locations) -> Result<Vec<Location>, String> {
        let mut files: Vec<Option<Arc<str>>> = vec![None; self.strings.len()];
        let mut places = Vec::new();
        for record in &table.locations {
            let text = self.strings.get(record.file as usize);
            let text = text.ok_or_else(|| missing("text", record.file, self.strings.len()))?;
            let file = files[record.file as usize].get_or_insert_with(|| (**text).into());
            places.push(Location::new(file.clone(), record.line, record.column));
        }
        let place = |&index: &u32| {
            places.get(index as usize).cloned().ok_or_else(|| missing("place", index, places.len()))
        };
        table.nodes.iter().map(place).collect()
    }

    fn charge(&self, bytes: usize) -> Result<(), String> {
        let left = self.budget.get().checked_sub(bytes);
        let left =
            left.ok_or("it mentions the same long texts or types so often that it takes too much memory")?;
        self.budget.set(left);
        Ok(())
    }
}

/// The error of an index that no table has.
pub(super) fn missing(word: &str, index: u32, count: usize) -> String {
    format!("there is no {word} {index}; there are {count}")
}
