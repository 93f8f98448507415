//! The models, as a user of Holotype writes them, and the sizes they are compared at.

mod cnn;
mod dense;
mod mlp;
mod mlp_big;
mod resnet18;
mod transformer;

use holotype::Layer;

/// One of the models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    Dense,
    Mlp,
    MlpBig,
    Cnn,
    ResNet18,
    Transformer,
}

impl Model {
    pub const ALL: [Self; 6] =
        [Self::Dense, Self::Mlp, Self::MlpBig, Self::Cnn, Self::ResNet18, Self::Transformer];

    pub fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Mlp => "mlp",
            Self::MlpBig => "mlp_big",
            Self::Cnn => "cnn",
            Self::ResNet18 => "resnet18",
            Self::Transformer => "transformer",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    /// The batch sizes of inference.
    pub fn batches(self) -> &'static [usize] {
        match self {
            Self::Dense | Self::Mlp => &[1, 32, 1024],
            _ => &[1, 32],
        }
    }

    /// The batch sizes of training.
    pub fn training_batches(self) -> &'static [usize] {
        match self {
            Self::Dense | Self::ResNet18 => &[],
            Self::Mlp => &[32, 256],
            Self::MlpBig => &[64, 256],
            Self::Cnn => &[64],
            Self::Transformer => &[32],
        }
    }

    /// A sample, with channels last where there are any.
    pub fn input(self) -> &'static [usize] {
        match self {
            Self::Dense => &[5],
            Self::Mlp => &[784],
            Self::MlpBig => &[1024],
            Self::Cnn => &[28, 28, 1],
            Self::ResNet18 => &[224, 224, 3],
            Self::Transformer => &[128, 256],
        }
    }

    /// A sample with channels first.
    pub fn input_channels_first(self) -> Vec<usize> {
        match self.input() {
            &[height, width, channels] => vec![channels, height, width],
            other => other.to_vec(),
        }
    }

    /// The number of classes, for a model that learns by cross-entropy; none for one that learns by mean squared error, with
    /// targets of the shape of `output`.
    pub fn classes(self) -> Option<usize> {
        matches!(self, Self::Mlp | Self::Cnn).then_some(10)
    }

    /// What the model gives for a sample.
    pub fn output(self) -> &'static [usize] {
        match self {
            Self::Dense => &[3],
            Self::Mlp | Self::Cnn => &[10],
            Self::MlpBig => &[1024],
            Self::ResNet18 => &[1000],
            Self::Transformer => &[128, 256],
        }
    }

    pub fn build(self) -> Box<dyn Layer> {
        match self {
            Self::Dense => Box::new(dense::dense()),
            Self::Mlp => Box::new(mlp::Mlp::new()),
            Self::MlpBig => Box::new(mlp_big::MlpBig::new()),
            Self::Cnn => Box::new(cnn::Cnn::new()),
            Self::ResNet18 => Box::new(resnet18::ResNet18::new()),
            Self::Transformer => Box::new(transformer::Transformer::new()),
        }
    }
}

pub use cnn::Cnn;
pub use mlp::Mlp;
pub use mlp_big::MlpBig;
pub use transformer::Transformer;

/// Numbers between -1 and 1 that are the same everywhere.
pub fn numbers(count: usize) -> Vec<f32> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// As many numbers as a shape has elements.
pub fn numbers_of(batch: usize, sample: &[usize]) -> (Vec<usize>, Vec<f32>) {
    let shape: Vec<usize> = std::iter::once(batch).chain(sample.iter().copied()).collect();
    let count = shape.iter().product();
    (shape, numbers(count))
}

/// Classes of samples.
pub fn labels(batch: usize, classes: usize) -> Vec<i64> {
    (0..batch).map(|sample| (sample * 7 % classes) as i64).collect()
}
