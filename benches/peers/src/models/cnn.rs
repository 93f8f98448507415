//! Two convolutions without padding, and two dense layers.

use holotype::layers::{Conv2d, Dense, Flatten, Function, MaxPool};
use holotype::prelude::*;

#[derive(Module)]
pub struct Cnn {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool,
    flatten: Flatten,
    hidden: Dense,
    output: Dense,
}

#[layer]
impl Cnn {
    pub fn new() -> Self {
        Self {
            first: Conv2d::new(1, 32, 3).activation(Function::Relu),
            second: Conv2d::new(32, 64, 3).activation(Function::Relu),
            pool: MaxPool::new(2),
            flatten: Flatten::new(),
            hidden: Dense::new(12 * 12 * 64, 128).activation(Function::Relu),
            output: Dense::new(128, 10),
        }
    }

    #[signature(image = [batch, 28, 28, 1; f32])]
    pub fn call(&self, image: &Tensor) -> Tensor {
        let pooled = self.pool.call(&self.second.call(&self.first.call(image)));
        self.output.call(&self.hidden.call(&self.flatten.call(&pooled)))
    }
}
