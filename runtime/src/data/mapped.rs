//! Examples that a function has changed.

use std::sync::Arc;

use super::draws::Draws;
use super::example::{Example, Layout};
use super::examples::{Examples, Pass};
use crate::error::Result;
use crate::tensor::Tensor;

/// A function of an example and its random numbers.
pub(super) type OfExample = dyn Fn(Example, &mut Draws) -> Result<Example> + Send + Sync;
/// A function of a batch.
pub(super) type OfBatch = dyn Fn(Example) -> Result<Example> + Send + Sync;

/// Examples that a function has changed one by one.
pub(super) struct Mapped {
    pub source: Arc<dyn Examples>,
    pub layout: Layout,
    /// How many functions that draw stand before this one.
    pub stage: u64,
    pub change: Arc<OfExample>,
}

impl Examples for Mapped {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        let example = self.layout.example(self.source.example(index, pass)?)?;
        self.layout.parts_of((self.change)(example, &mut Draws::new(pass, self.stage, index))?)
    }

    fn in_order(&self) -> bool {
        self.source.in_order()
    }
}

/// Examples that a function has changed batch by batch.
pub(super) struct MappedBatches {
    pub source: Arc<dyn Examples>,
    pub layout: Layout,
    pub change: Arc<OfBatch>,
}

impl Examples for MappedBatches {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        let parts = self.batch(&[index], pass)?;
        parts.into_iter().map(|part| part.into_data()?.item(0).map(Tensor::from_data)).collect()
    }

    fn batch(&self, rows: &[usize], pass: Pass) -> Result<Vec<Tensor>> {
        let batch = self.layout.example(self.source.batch(rows, pass)?)?;
        let parts = self.layout.parts_of((self.change)(batch)?)?;
        for part in &parts {
            let part = part.data()?;
            if part.sizes().first() != Some(&rows.len()) {
                return Err(crate::error::Error::Data(format!(
                    "a function of `map_batches` gives {} for {} examples: keep the first dimension, which counts them",
                    part.describe(),
                    rows.len()
                )));
            }
        }
        Ok(parts)
    }

    fn in_order(&self) -> bool {
        self.source.in_order()
    }
}
