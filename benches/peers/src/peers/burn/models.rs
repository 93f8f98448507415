//! The models as Burn's users write them.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor};

use crate::models::Model;

/// One of the models.
#[derive(Module, Debug)]
pub enum Net {
    Rows(Rows),
    Cnn(Cnn),
    ResNet18(ResNet18),
    Transformer(TransformerEncoder),
}

/// Dense layers with relu between them.
#[derive(Module, Debug)]
pub struct Rows {
    layers: Vec<Linear>,
    probabilities: bool,
}

#[derive(Module, Debug)]
pub struct Cnn {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
    hidden: Linear,
    output: Linear,
}

#[derive(Module, Debug)]
pub struct Normed {
    conv: Conv2d,
    norm: BatchNorm,
}

#[derive(Module, Debug)]
pub struct Block {
    first: Normed,
    second: Normed,
    around: Option<Normed>,
}

#[derive(Module, Debug)]
pub struct ResNet18 {
    stem: Normed,
    pool: MaxPool2d,
    blocks: Vec<Block>,
    mean: AdaptiveAvgPool2d,
    output: Linear,
}

impl Net {
    pub fn new(model: Model, device: &Device) -> Self {
        let rows = |widths: &[usize], probabilities| {
            let layers = widths.windows(2).map(|pair| LinearConfig::new(pair[0], pair[1]).init(device));
            Self::Rows(Rows { layers: layers.collect(), probabilities })
        };
        match model {
            Model::Dense => rows(&[5, 3], false),
            Model::Mlp => rows(&[784, 128, 10], true),
            Model::MlpBig => rows(&[1024, 4096, 4096, 1024], false),
            Model::Cnn => Self::Cnn(Cnn {
                first: Conv2dConfig::new([1, 32], [3, 3]).init(device),
                second: Conv2dConfig::new([32, 64], [3, 3]).init(device),
                pool: MaxPool2dConfig::new([2, 2]).init(),
                hidden: LinearConfig::new(12 * 12 * 64, 128).init(device),
                output: LinearConfig::new(128, 10).init(device),
            }),
            Model::ResNet18 => Self::ResNet18(ResNet18::new(device)),
            Model::Transformer => Self::Transformer(
                TransformerEncoderConfig::new(256, 1024, 4, 4)
                    .with_dropout(0.0)
                    .with_norm_first(true)
                    .init(device),
            ),
        }
    }

    /// The model with logits instead of probabilities.
    pub fn logits(mut self) -> Self {
        if let Self::Rows(rows) = &mut self {
            rows.probabilities = false;
        }
        self
    }

    pub fn rows(&self, x: Tensor<2>) -> Tensor<2> {
        let Self::Rows(rows) = self else { unreachable!("a model of rows") };
        let last = rows.layers.len() - 1;
        let logits = rows.layers.iter().enumerate().fold(x, |x, (index, layer)| {
            let sums = layer.forward(x);
            if index < last { relu(sums) } else { sums }
        });
        if rows.probabilities { softmax(logits, 1) } else { logits }
    }

    pub fn sequences(&self, x: Tensor<3>) -> Tensor<3> {
        let Self::Transformer(encoder) = self else { unreachable!("a model of sequences") };
        encoder.forward(TransformerEncoderInput::new(x))
    }

    pub fn images(&self, x: Tensor<4>) -> Tensor<2> {
        match self {
            Self::Cnn(cnn) => {
                let x = cnn.pool.forward(relu(cnn.second.forward(relu(cnn.first.forward(x)))));
                cnn.output.forward(relu(cnn.hidden.forward(x.flatten::<2>(1, 3))))
            }
            Self::ResNet18(resnet) => resnet.forward(x),
            _ => unreachable!("a model of images"),
        }
    }
}

impl Normed {
    fn new(inputs: usize, filters: usize, size: usize, stride: usize, device: &Device) -> Self {
        let around = size / 2;
        let conv = Conv2dConfig::new([inputs, filters], [size, size])
            .with_stride([stride, stride])
            .with_padding(PaddingConfig2d::Explicit(around, around, around, around))
            .with_bias(false);
        Self { conv: conv.init(device), norm: BatchNormConfig::new(filters).init(device) }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x))
    }
}

impl Block {
    fn new(inputs: usize, filters: usize, stride: usize, device: &Device) -> Self {
        let around =
            (stride != 1 || inputs != filters).then(|| Normed::new(inputs, filters, 1, stride, device));
        let first = Normed::new(inputs, filters, 3, stride, device);
        Self { first, second: Normed::new(filters, filters, 3, 1, device), around }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let inner = self.second.forward(relu(self.first.forward(x.clone())));
        relu(inner + self.around.as_ref().map_or(x.clone(), |around| around.forward(x)))
    }
}

impl ResNet18 {
    fn new(device: &Device) -> Self {
        let stages = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)];
        let blocks = stages.into_iter().flat_map(|(inputs, filters, stride)| {
            [Block::new(inputs, filters, stride, device), Block::new(filters, filters, 1, device)]
        });
        Self {
            stem: Normed::new(3, 64, 7, 2, device),
            pool: MaxPool2dConfig::new([3, 3])
                .with_strides([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(),
            blocks: blocks.collect(),
            mean: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            output: LinearConfig::new(512, 1000).init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let stem = self.pool.forward(relu(self.stem.forward(x)));
        let features = self.blocks.iter().fold(stem, |x, block| block.forward(x));
        self.output.forward(self.mean.forward(features).flatten::<2>(1, 3))
    }
}
