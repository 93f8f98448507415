//! Putting all dimensions but the first into one.

use holotype_macros::{Module, layer};

use crate::tensor::Tensor;

/// `[batch, a, b, ..]` to `[batch, a * b * ..]`; every dtype.
#[derive(Module, Default)]
pub struct Flatten {}

#[layer]
impl Flatten {
    /// The layer; it has nothing to configure.
    pub fn new() -> Self {
        Self {}
    }

    /// Keeps the first dimension and puts the others into one.
    #[signature(input = [..; any])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        input.flatten()
    }
}
