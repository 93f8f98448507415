//! ResNet-18 (He et al. 2015), as torchvision lays it out, with channels last.

use holotype::layers::{BatchNormalization, Conv2d, Dense, GlobalAvgPool, MaxPool};
use holotype::prelude::*;

/// A convolution without a bias, and batch normalisation.
#[derive(Module)]
pub struct Normed {
    conv: Conv2d,
    norm: BatchNormalization,
}

#[layer]
impl Normed {
    pub fn new(inputs: usize, filters: usize, size: usize, strides: usize) -> Self {
        let conv = Conv2d::new(inputs, filters, size).strides(strides).padding(size / 2).without_bias();
        Self { conv, norm: BatchNormalization::new(filters).epsilon(1e-5) }
    }

    #[signature(image = [batch, None, None, None; f32])]
    pub fn call(&self, image: &Tensor) -> Tensor {
        self.norm.call(&self.conv.call(image))
    }
}

/// Two convolutions around which the image also goes as it is, or through one of size 1 where its shape changes.
#[derive(Module)]
pub struct Block {
    first: Normed,
    second: Normed,
    around: Option<Normed>,
}

#[layer]
impl Block {
    pub fn new(inputs: usize, filters: usize, strides: usize) -> Self {
        let around = (strides != 1 || inputs != filters).then(|| Normed::new(inputs, filters, 1, strides));
        Self {
            first: Normed::new(inputs, filters, 3, strides),
            second: Normed::new(filters, filters, 3, 1),
            around,
        }
    }

    #[signature(image = [batch, None, None, None; f32])]
    pub fn call(&self, image: &Tensor) -> Tensor {
        let inner = self.second.call(&self.first.call(image).relu());
        match &self.around {
            Some(around) => (inner + around.call(image)).relu(),
            None => (inner + image).relu(),
        }
    }
}

#[derive(Module)]
pub struct ResNet18 {
    stem: Normed,
    pool: MaxPool,
    blocks: Vec<Block>,
    mean: GlobalAvgPool,
    output: Dense,
}

#[layer]
impl ResNet18 {
    pub fn new() -> Self {
        let stages = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)];
        let blocks = stages.into_iter().flat_map(|(inputs, filters, strides)| {
            [Block::new(inputs, filters, strides), Block::new(filters, filters, 1)]
        });
        Self {
            stem: Normed::new(3, 64, 7, 2),
            pool: MaxPool::new(3).strides(2).padding(1),
            blocks: blocks.collect(),
            mean: GlobalAvgPool::new(),
            output: Dense::new(512, 1000),
        }
    }

    #[signature(image = [batch, 224, 224, 3; f32])]
    pub fn call(&self, image: &Tensor) -> Tensor {
        let stem = self.pool.call(&self.stem.call(image).relu());
        let features = self.blocks.iter().fold(stem, |x, block| block.call(&x));
        self.output.call(&self.mean.call(&features))
    }
}
