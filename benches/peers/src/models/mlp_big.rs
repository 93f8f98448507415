//! 25 million weights in three layers.

use holotype::layers::{Dense, Function};
use holotype::prelude::*;

#[derive(Module)]
pub struct MlpBig {
    layers: Vec<Dense>,
}

#[layer]
impl MlpBig {
    pub fn new() -> Self {
        let layers = vec![
            Dense::new(1024, 4096).activation(Function::Relu),
            Dense::new(4096, 4096).activation(Function::Relu),
            Dense::new(4096, 1024),
        ];
        Self { layers }
    }

    #[signature(input = [batch, 1024; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        self.layers.iter().fold(input.clone(), |x, layer| layer.call(&x))
    }
}
