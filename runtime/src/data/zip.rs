//! Examples of two sources side by side.

use std::sync::Arc;

use super::examples::{Examples, Pass};
use crate::error::Result;
use crate::tensor::Tensor;

/// The parts of both sources, in an order.
pub(super) struct Zip {
    pub sources: [Arc<dyn Examples>; 2],
    /// Which of the parts of the first source, and then of the second, stands where.
    pub order: Vec<usize>,
}

impl Zip {
    fn arranged(&self, parts: [Vec<Tensor>; 2]) -> Vec<Tensor> {
        let parts = parts.concat();
        self.order.iter().filter_map(|&from| parts.get(from).cloned()).collect()
    }
}

impl Examples for Zip {
    fn len(&self) -> usize {
        self.sources[0].len().min(self.sources[1].len())
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        let [first, second] = &self.sources;
        Ok(self.arranged([first.example(index, pass)?, second.example(index, pass)?]))
    }

    fn batch(&self, rows: &[usize], pass: Pass) -> Result<Vec<Tensor>> {
        let [first, second] = &self.sources;
        Ok(self.arranged([first.batch(rows, pass)?, second.batch(rows, pass)?]))
    }

    fn in_order(&self) -> bool {
        self.sources.iter().any(|source| source.in_order())
    }

    fn whole(&self) -> Option<Vec<Tensor>> {
        let [first, second] = &self.sources;
        Some(self.arranged([first.whole()?, second.whole()?]))
    }
}
