//! Functions of functions: gradients, directional derivatives, recomputation, gradients of one's own.
//!
//! They take a function from a [`Structure`](crate::tensor::Structure) of tensors to another one, and the point where it
//! is applied. They work on concrete tensors and within traces, where what they do becomes part of the graph; so a
//! gradient may be taken of a gradient, and a saved model may hold both.

mod checkpoint;
mod eager;
mod grad;
mod jvp;
mod own_gradient;
mod vjp;

pub use checkpoint::checkpoint;
pub use grad::{grad, value_and_grad};
pub use jvp::jvp;
pub use own_gradient::with_gradient;
pub use vjp::vjp;
