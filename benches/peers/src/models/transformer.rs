//! Encoder layers that normalise before attention and before the dense layers.

use holotype::layers::{Dense, Function, LayerNormalization, MultiHeadAttention};
use holotype::prelude::*;

#[derive(Module)]
pub struct EncoderLayer {
    first_norm: LayerNormalization,
    attention: MultiHeadAttention,
    second_norm: LayerNormalization,
    hidden: Dense,
    output: Dense,
}

#[layer]
impl EncoderLayer {
    pub fn new(width: usize, heads: usize, hidden: usize) -> Self {
        Self {
            first_norm: LayerNormalization::new([width]).epsilon(1e-5),
            attention: MultiHeadAttention::new(width, heads, width / heads),
            second_norm: LayerNormalization::new([width]).epsilon(1e-5),
            hidden: Dense::new(width, hidden).activation(Function::Gelu),
            output: Dense::new(hidden, width),
        }
    }

    #[signature(input = [batch, seq, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let normed = self.first_norm.call(input);
        let x = input + self.attention.call(&normed, &normed);
        &x + self.output.call(&self.hidden.call(&self.second_norm.call(&x)))
    }
}

#[derive(Module)]
pub struct Transformer {
    layers: Vec<EncoderLayer>,
}

#[layer]
impl Transformer {
    pub fn new() -> Self {
        Self { layers: (0..4).map(|_| EncoderLayer::new(256, 4, 1024)).collect() }
    }

    #[signature(input = [batch, 128, 256; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        self.layers.iter().fold(input.clone(), |x, layer| layer.call(&x))
    }
}
