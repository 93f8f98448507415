//! Reverse-mode gradients on graphs, written with the public tensor operations.
//!
//! The gradient of a function is a function: each function that is called becomes a pair, one that computes its outputs
//! and also gives what the other needs of it (the residuals), and one that turns gradients of outputs into gradients of
//! inputs and variables. So layers stay layers in the backward pass, and nothing is computed twice.
//!
//! A variable that a function assigns is a constant from there on.

mod activity;
mod control;
mod cotangents;
mod function;
mod linear;
mod reverse;
mod rules;

pub use linear::{Linearized, linearize};
pub use reverse::{Gradients, current_gradients, gradients};
