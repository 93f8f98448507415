//! Layers one after the other.

use holotype_macros::{Module, layer};

use crate::module::Layer;
use crate::tensor::Tensor;

/// Layers one after the other: the output of each is the input of the next. Layers of one input and one output.
///
/// ```
/// use holotype::layers::{Activation, Dense, Sequential};
/// use holotype::prelude::*;
/// let model = Sequential::new().then(Dense::new(784, 128)).then(Activation::relu()).then(Dense::new(128, 10));
/// assert_eq!(model.call(&Tensor::zeros([2, 784])).shape().to_string(), "[2, 10]");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module, Default)]
pub struct Sequential {
    layers: Vec<Box<dyn Layer>>,
}

#[layer]
impl Sequential {
    /// No layers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The layers with one more behind them.
    pub fn then(mut self, layer: impl Layer) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// The layers.
    pub fn layers(&self) -> &[Box<dyn Layer>] {
        &self.layers
    }

    /// What the first layer takes, to what the last layer gives.
    #[signature(input = [..; any])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        self.layers.iter().fold(input.clone(), |x, layer| layer.call(&x))
    }
}
