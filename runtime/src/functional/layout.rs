//! Where the channels of an image are.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::tensor::TensorType;

/// The order of the dimensions of an image, or of a line or volume: the batch first, then these.
///
/// It also says the order for kernels: with channels last, `[space.., inputs, outputs]`, as in Keras; with channels first,
/// `[outputs, inputs, space..]`, as in `PyTorch` and ONNX.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// `[batch, space.., channels]`
    #[default]
    ChannelsLast,
    /// `[batch, channels, space..]`
    ChannelsFirst,
}

impl Layout {
    /// The spatial dimensions of an image.
    pub(super) fn spatial(self, image: &TensorType) -> Result<Range<usize>, String> {
        match (image.rank(), self) {
            (0..3, Self::ChannelsLast) => Err(format!("an image is [batch, space.., channels], not {image}")),
            (0..3, Self::ChannelsFirst) => {
                Err(format!("an image is [batch, channels, space..], not {image}"))
            }
            (rank, Self::ChannelsLast) => Ok(1..rank - 1),
            (rank, Self::ChannelsFirst) => Ok(2..rank),
        }
    }

    /// The dimension of the channels in a tensor of this rank.
    pub(super) fn channels(self, rank: usize) -> usize {
        match self {
            Self::ChannelsLast => rank - 1,
            Self::ChannelsFirst => 1,
        }
    }

    /// The dimensions of a kernel: those of space, inputs, and outputs.
    pub(super) fn kernel(self, rank: usize) -> (Range<usize>, usize, usize) {
        match self {
            Self::ChannelsLast => (0..rank - 2, rank - 2, rank - 1),
            Self::ChannelsFirst => (2..rank, 1, 0),
        }
    }
}
