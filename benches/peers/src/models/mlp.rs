//! A classifier of 28 x 28 digits.

use holotype::layers::{Dense, Function};
use holotype::prelude::*;

#[derive(Module)]
pub struct Mlp {
    hidden: Dense,
    output: Dense,
    /// Whether `call` gives logits, as a training step wants them.
    logits: bool,
}

#[layer]
impl Mlp {
    pub fn new() -> Self {
        Self {
            hidden: Dense::new(784, 128).activation(Function::Relu),
            output: Dense::new(128, 10),
            logits: false,
        }
    }

    pub fn with_logits(mut self) -> Self {
        self.logits = true;
        self
    }

    #[signature(image = [batch, 784; f32])]
    pub fn call(&self, image: &Tensor) -> Tensor {
        let logits = self.output.call(&self.hidden.call(image));
        if self.logits { logits } else { logits.softmax(-1) }
    }
}
