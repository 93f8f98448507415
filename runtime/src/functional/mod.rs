//! Compositions: functions written with the operations of tensors, and nothing else.

mod activation;
mod arithmetic;
mod arrangement;
mod attention;
mod composition;
mod diagonal;
mod einsum;
mod indexing;
mod norm;
mod normalization;
mod padding;
mod piecewise;
mod products;
mod rearrange;
mod search;
mod sequences;
mod smooth;
mod softmax;
mod sparsemax;
mod statistics;
mod truth;

pub use attention::Attention;
pub use norm::Norm;
pub use padding::PadMode;
pub use search::Side;
pub use sequences::Indexing;
