//! Texts and types, each written once.

use std::collections::HashMap;

use super::names::Numbered;
use super::records::{Factor, NONE, Strings, Term, Type, Types, end};
use crate::tensor::{Dim, TensorType};

/// The tables of texts and types while a definition is written.
#[derive(Default)]
pub(super) struct Interner {
    strings: Strings,
    types: Types,
    known_strings: HashMap<String, u32>,
    known_types: HashMap<TensorType, u32>,
}

impl Interner {
    /// The index of a text.
    pub fn string(&mut self, text: &str) -> Result<u32, String> {
        if let Some(&known) = self.known_strings.get(text) {
            return Ok(known);
        }
        let index = end(&self.strings.ends)?;
        self.strings.text.extend(text.as_bytes());
        self.strings.ends.push(end(&self.strings.text)?);
        self.known_strings.insert(text.to_owned(), index);
        Ok(index)
    }

    /// The index of a text, or that of nothing.
    pub fn optional(&mut self, text: Option<&str>) -> Result<u32, String> {
        text.map_or(Ok(NONE), |text| self.string(text))
    }

    /// The index of a type.
    pub fn kind(&mut self, kind: &TensorType) -> Result<u32, String> {
        if let Some(&known) = self.known_types.get(kind) {
            return Ok(known);
        }
        for dim in kind.shape.iter() {
            self.dim(dim)?;
        }
        let index = end(&self.types.types)?;
        let record = Type { dtype: kind.dtype.number(), dims_end: end(&self.types.dims)? };
        self.types.types.push(record);
        self.known_types.insert(kind.clone(), index);
        Ok(index)
    }

    /// The tables.
    pub fn finish(self) -> (Strings, Types) {
        (self.strings, self.types)
    }

    fn dim(&mut self, dim: &Dim) -> Result<(), String> {
        for (coefficient, factors) in dim.written_terms() {
            for (symbol, power) in factors {
                let symbol = self.string(&symbol)?;
                self.types.factors.push(Factor { symbol, power });
            }
            self.types.terms.push(Term { coefficient, factors_end: end(&self.types.factors)? });
        }
        self.types.dims.push(end(&self.types.terms)?);
        Ok(())
    }
}
