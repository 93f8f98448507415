//! Compositions: functions written with the operations of tensors, and nothing else.

mod activation;
mod arithmetic;
mod composition;
mod convolution;
mod indexing;
mod layout;
mod padding;
mod per_axis;
mod pooling;
mod rearrange;
mod resize;
mod softmax;
mod statistics;

pub use convolution::Conv;
pub use layout::Layout;
pub use padding::Padding;
pub use per_axis::{EachAxis, PerAxis};
pub use pooling::Pool;
pub use resize::{Interpolation, Resize};
