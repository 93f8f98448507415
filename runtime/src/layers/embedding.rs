//! Vectors in place of numbers.

use holotype_macros::{Module, layer};

use crate::graph::Variable;
use crate::init;
use crate::tensor::Tensor;

/// For each integer the row of a table, which is learned: [`Tensor::embedding_lookup`].
///
/// The table starts uniform within ±0.05, of dtype `f32`, as in Keras. An integer that is no row is an error.
///
/// ```
/// use holotype::layers::Embedding;
/// use holotype::prelude::*;
/// let layer = Embedding::new(100, 8);
/// assert_eq!(layer.call(&Tensor::from([[3, 14, 15]])).shape().to_string(), "[1, 3, 8]");
/// assert!(layer.call(&Tensor::from([100])).error().is_some());
/// ```
#[derive(Module)]
pub struct Embedding {
    embeddings: Variable,
}

#[layer]
impl Embedding {
    /// A layer for the integers from 0 to before `inputs`, with rows of so many numbers.
    #[track_caller]
    pub fn new(inputs: usize, features: usize) -> Self {
        Self { embeddings: Variable::new(init::uniform([inputs, features], -0.05, 0.05)) }
    }

    /// The table, `[inputs, features]`.
    pub fn embeddings(&self) -> &Variable {
        &self.embeddings
    }

    /// `[..]` to `[.., features]`; integers of every dtype.
    #[signature(input = [..; int])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        self.embeddings.value().embedding_lookup(input)
    }
}
