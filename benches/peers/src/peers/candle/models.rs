//! The models as candle's users write them.

use candle_core::{D, Module, ModuleT, Result, Tensor};
use candle_nn::{
    BatchNorm, Conv2d, Conv2dConfig, LayerNorm, Linear, VarBuilder, batch_norm, conv2d, conv2d_no_bias,
    layer_norm, linear, ops,
};

use crate::models::Model;

pub type Net = Box<dyn Fn(&Tensor) -> Result<Tensor>>;

/// A model for inference, or for a training step, where the classifier gives logits and fast operations without a gradient are
/// left out.
pub fn build(model: Model, training: bool, builder: VarBuilder<'_>) -> Result<Net> {
    match model {
        Model::Dense => {
            let layer = linear(5, 3, builder)?;
            Ok(Box::new(move |x| layer.forward(x)))
        }
        Model::Mlp => mlp(training, &builder),
        Model::MlpBig => mlp_big(&builder),
        Model::Cnn => cnn(&builder),
        Model::ResNet18 => resnet18(&builder),
        Model::Transformer => transformer(training, &builder),
    }
}

fn mlp(training: bool, builder: &VarBuilder<'_>) -> Result<Net> {
    let hidden = linear(784, 128, builder.pp("hidden"))?;
    let output = linear(128, 10, builder.pp("output"))?;
    Ok(Box::new(move |x| {
        let logits = output.forward(&hidden.forward(x)?.relu()?)?;
        if training { Ok(logits) } else { ops::softmax_last_dim(&logits) }
    }))
}

fn mlp_big(builder: &VarBuilder<'_>) -> Result<Net> {
    let first = linear(1024, 4096, builder.pp("0"))?;
    let second = linear(4096, 4096, builder.pp("1"))?;
    let third = linear(4096, 1024, builder.pp("2"))?;
    Ok(Box::new(move |x| third.forward(&second.forward(&first.forward(x)?.relu()?)?.relu()?)))
}

fn cnn(builder: &VarBuilder<'_>) -> Result<Net> {
    let first = conv2d(1, 32, 3, Conv2dConfig::default(), builder.pp("first"))?;
    let second = conv2d(32, 64, 3, Conv2dConfig::default(), builder.pp("second"))?;
    let hidden = linear(12 * 12 * 64, 128, builder.pp("hidden"))?;
    let output = linear(128, 10, builder.pp("output"))?;
    Ok(Box::new(move |x| {
        let x = second.forward(&first.forward(x)?.relu()?)?.relu()?.max_pool2d(2)?;
        output.forward(&hidden.forward(&x.flatten_from(1)?)?.relu()?)
    }))
}

struct Normed {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Normed {
    fn new(
        inputs: usize,
        filters: usize,
        size: usize,
        stride: usize,
        builder: &VarBuilder<'_>,
    ) -> Result<Self> {
        let config = Conv2dConfig { stride, padding: size / 2, ..Conv2dConfig::default() };
        let conv = conv2d_no_bias(inputs, filters, size, config, builder.pp("conv"))?;
        Ok(Self { conv, norm: batch_norm(filters, 1e-5, builder.pp("norm"))? })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.norm.forward_t(&self.conv.forward(x)?, false)
    }
}

struct Block {
    first: Normed,
    second: Normed,
    around: Option<Normed>,
}

impl Block {
    fn new(inputs: usize, filters: usize, stride: usize, builder: &VarBuilder<'_>) -> Result<Self> {
        let around = (stride != 1 || inputs != filters)
            .then(|| Normed::new(inputs, filters, 1, stride, &builder.pp("around")))
            .transpose()?;
        let first = Normed::new(inputs, filters, 3, stride, &builder.pp("first"))?;
        Ok(Self { first, second: Normed::new(filters, filters, 3, 1, &builder.pp("second"))?, around })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let inner = self.second.forward(&self.first.forward(x)?.relu()?)?;
        match &self.around {
            Some(around) => (inner + around.forward(x)?)?.relu(),
            None => (inner + x)?.relu(),
        }
    }
}

fn resnet18(builder: &VarBuilder<'_>) -> Result<Net> {
    let stem = Normed::new(3, 64, 7, 2, &builder.pp("stem"))?;
    let mut blocks = Vec::new();
    for (inputs, filters, stride) in [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)] {
        blocks.push(Block::new(inputs, filters, stride, &builder.pp(format!("{filters}.0")))?);
        blocks.push(Block::new(filters, filters, 1, &builder.pp(format!("{filters}.1")))?);
    }
    let output = linear(512, 1000, builder.pp("output"))?;
    Ok(Box::new(move |x| {
        // There is no negative number, so zeros around the image are never the greatest.
        let x = stem.forward(x)?.relu()?.pad_with_zeros(2, 1, 1)?.pad_with_zeros(3, 1, 1)?;
        let mut x = x.max_pool2d_with_stride(3, 2)?;
        for block in &blocks {
            x = block.forward(&x)?;
        }
        output.forward(&x.mean((2, 3))?)
    }))
}

struct EncoderLayer {
    norms: [LayerNorm; 2],
    query: Linear,
    key: Linear,
    value: Linear,
    together: Linear,
    hidden: Linear,
    output: Linear,
    training: bool,
}

const WIDTH: usize = 256;
const HEADS: usize = 4;

impl EncoderLayer {
    fn new(training: bool, builder: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            norms: [
                layer_norm(WIDTH, 1e-5, builder.pp("first_norm"))?,
                layer_norm(WIDTH, 1e-5, builder.pp("second_norm"))?,
            ],
            query: linear(WIDTH, WIDTH, builder.pp("query"))?,
            key: linear(WIDTH, WIDTH, builder.pp("key"))?,
            value: linear(WIDTH, WIDTH, builder.pp("value"))?,
            together: linear(WIDTH, WIDTH, builder.pp("together"))?,
            hidden: linear(WIDTH, 1024, builder.pp("hidden"))?,
            output: linear(1024, WIDTH, builder.pp("output"))?,
            training,
        })
    }

    fn norm(&self, layer: &LayerNorm, x: &Tensor) -> Result<Tensor> {
        match layer.bias() {
            // The fast operation has no gradient.
            Some(bias) if self.training => ops::layer_norm_slow(x, layer.weight(), bias, 1e-5),
            _ => layer.forward(x),
        }
    }

    fn attention(&self, x: &Tensor) -> Result<Tensor> {
        let (batch, seq, _) = x.dims3()?;
        let split = |x: Tensor| x.reshape((batch, seq, HEADS, WIDTH / HEADS))?.transpose(1, 2)?.contiguous();
        let query = split(self.query.forward(x)?)?;
        let key = split(self.key.forward(x)?)?;
        let value = split(self.value.forward(x)?)?;
        let scores = (query.matmul(&key.t()?)? / ((WIDTH / HEADS) as f64).sqrt())?;
        let weights =
            if self.training { ops::softmax(&scores, D::Minus1)? } else { ops::softmax_last_dim(&scores)? };
        let heads = weights.matmul(&value)?.transpose(1, 2)?.reshape((batch, seq, WIDTH))?;
        self.together.forward(&heads)
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = (x + self.attention(&self.norm(&self.norms[0], x)?)?)?;
        let hidden = self.hidden.forward(&self.norm(&self.norms[1], &x)?)?.gelu_erf()?;
        &x + self.output.forward(&hidden)?
    }
}

fn transformer(training: bool, builder: &VarBuilder<'_>) -> Result<Net> {
    let layers: Vec<_> =
        (0..4).map(|index| EncoderLayer::new(training, &builder.pp(index))).collect::<Result<_>>()?;
    Ok(Box::new(move |x| layers.iter().try_fold(x.clone(), |x, layer| layer.forward(&x))))
}
