//! Compositions: functions written with the operations of tensors, and nothing else.

mod activation;
mod arithmetic;
mod composition;
mod indexing;
mod linalg;
mod rearrange;
mod softmax;
mod statistics;
