//! Random numbers: counters whose place is the state of a variable, so that a saved model goes on with the same numbers.

mod distributions;
mod generator;
mod permutation;
mod process;
mod quantile;

pub use generator::Generator;
pub(crate) use permutation::permutation;
pub use process::seed;
pub(crate) use process::with_process_generator;
