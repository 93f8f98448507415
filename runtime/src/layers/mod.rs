//! Layers, each written with the public macros, as a user's is.

mod activation;
mod batch_normalization;
mod dense;
mod dropout;
mod embedding;
mod flatten;
mod group_normalization;
mod instance_normalization;
mod layer_normalization;
mod multi_head_attention;
mod prelu;
mod rms_normalization;
mod sequential;

pub use activation::{Activation, Function};
pub use batch_normalization::BatchNormalization;
pub use dense::Dense;
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use flatten::Flatten;
pub use group_normalization::GroupNormalization;
pub use instance_normalization::InstanceNormalization;
pub use layer_normalization::LayerNormalization;
pub use multi_head_attention::MultiHeadAttention;
pub use prelu::Prelu;
pub use rms_normalization::RmsNormalization;
pub use sequential::Sequential;

use crate::graph::Variable;
use crate::ops::Operand;

/// A parameter that a layer may lack.
fn optional(variable: Option<&Variable>) -> Option<&dyn Operand> {
    variable.map(|variable| variable as &dyn Operand)
}
