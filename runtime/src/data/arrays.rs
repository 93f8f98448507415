//! Examples that are rows of tensors, in memory or mapped.

use super::examples::{Examples, Pass, in_example};
use crate::error::{Error, Result};
use crate::tensor::{Data, Tensor};

/// Tensors whose first dimension counts examples.
pub(super) struct Arrays {
    parts: Vec<Data>,
    length: usize,
}

impl Arrays {
    /// The rows of tensors that have `length` of them each.
    pub fn new(parts: Vec<Data>, length: usize) -> Self {
        Self { parts, length }
    }
}

impl Examples for Arrays {
    fn len(&self) -> usize {
        self.length
    }

    fn example(&self, index: usize, _: Pass) -> Result<Vec<Tensor>> {
        self.parts.iter().map(|part| part.item(index).map(Tensor::from_data)).collect()
    }

    fn batch(&self, rows: &[usize], _: Pass) -> Result<Vec<Tensor>> {
        if let Some(&row) = rows.iter().find(|&&row| row >= self.length) {
            let message = format!("there are {} examples: take an index below that", self.length);
            return Err(in_example(row, Error::Data(message)));
        }
        self.parts.iter().map(|part| gather(part, rows).map(Tensor::from_data)).collect()
    }

    fn whole(&self) -> Option<Vec<Tensor>> {
        Some(self.parts.iter().cloned().map(Tensor::from_data).collect())
    }
}

/// Some rows of a tensor.
fn gather(data: &Data, rows: &[usize]) -> Result<Data> {
    let mut sizes = data.sizes().to_vec();
    let width: usize = sizes.iter().skip(1).product();
    if let Some(first) = sizes.first_mut() {
        *first = rows.len();
    }
    let width = width * data.dtype().size();
    let mut gathered = Vec::with_capacity(rows.len() * width);
    for &row in rows {
        gathered.extend_from_slice(data.bytes().get(row * width..(row + 1) * width).unwrap_or_default());
    }
    Data::from_bytes(data.dtype(), sizes, &gathered)
}
