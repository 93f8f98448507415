//! The mean of each channel.

use holotype_macros::{Module, layer};

use crate::functional::Layout;
use crate::tensor::Tensor;

/// The mean of each channel of a line, image or volume with channels last, over all of space; see [`Tensor::global_avg_pool`].
///
/// ```
/// use holotype::layers::GlobalAvgPool;
/// use holotype::prelude::*;
/// let layer = GlobalAvgPool::new();
/// assert_eq!(layer.call(&Tensor::zeros([2, 8, 8, 3])).shape().to_string(), "[2, 3]");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module, Default)]
pub struct GlobalAvgPool {}

#[layer]
impl GlobalAvgPool {
    /// The layer; it has nothing to configure.
    pub fn new() -> Self {
        Self {}
    }

    /// `[batch, space.., channels]` to `[batch, channels]`.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        input.global_avg_pool(Layout::ChannelsLast)
    }
}
