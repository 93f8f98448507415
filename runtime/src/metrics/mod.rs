//! Metrics: numbers that tell people how good a model is. Each is written with `#[metric]`, as a user's is.

mod accuracy;

pub use crate::losses::{mean_absolute_error, mean_squared_error};
pub use accuracy::accuracy;
