//! Layers, each written with the public macros, as a user's is.

mod activation;
mod avg_pool;
mod batch_normalization;
mod conv1d;
mod conv2d;
mod conv3d;
mod conv_transpose1d;
mod conv_transpose2d;
mod conv_transpose3d;
mod dense;
mod depthwise_conv2d;
mod dropout;
mod embedding;
mod flatten;
mod global_avg_pool;
mod global_max_pool;
mod group_normalization;
mod input;
mod instance_normalization;
mod layer_normalization;
mod max_pool;
mod multi_head_attention;
mod prelu;
mod rms_normalization;
mod separable_conv2d;
mod sequential;

pub use activation::{Activation, Function};
pub use avg_pool::AvgPool;
pub use batch_normalization::BatchNormalization;
pub use conv_transpose1d::ConvTranspose1d;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv_transpose3d::ConvTranspose3d;
pub use conv1d::Conv1d;
pub use conv2d::Conv2d;
pub use conv3d::Conv3d;
pub use dense::Dense;
pub use depthwise_conv2d::DepthwiseConv2d;
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use flatten::Flatten;
pub use global_avg_pool::GlobalAvgPool;
pub use global_max_pool::GlobalMaxPool;
pub use group_normalization::GroupNormalization;
pub use input::Input;
pub use instance_normalization::InstanceNormalization;
pub use layer_normalization::LayerNormalization;
pub use max_pool::MaxPool;
pub use multi_head_attention::MultiHeadAttention;
pub use prelu::Prelu;
pub use rms_normalization::RmsNormalization;
pub use separable_conv2d::SeparableConv2d;
pub use sequential::Sequential;

use crate::graph::Variable;
use crate::ops::Operand;

/// A parameter that a layer may lack.
fn optional(variable: Option<&Variable>) -> Option<&dyn Operand> {
    variable.map(|variable| variable as &dyn Operand)
}
