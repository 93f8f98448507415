//! Inputs and outputs that do not fit a loop.

use std::error::Error;
use std::fmt;

/// What does not fit the loop that it was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The loop has another number of inputs.
    Inputs {
        /// The number of inputs of the loop.
        expected: usize,
        /// The number given.
        found: usize,
    },
    /// The loop has another number of outputs that are not in place.
    Outputs {
        /// The number of outputs of the loop.
        expected: usize,
        /// The number given.
        found: usize,
    },
    /// An input ends before the last element that the loop reads.
    Input {
        /// The number of the input.
        index: usize,
        /// The bytes needed.
        expected: usize,
        /// The bytes given.
        found: usize,
    },
    /// An output has another size.
    Output {
        /// The number of the output.
        index: usize,
        /// Its size in bytes.
        expected: usize,
        /// The bytes given.
        found: usize,
    },
    /// An input that the loop writes is given as [`Source::Shared`](super::Source::Shared).
    Shared {
        /// The number of the input.
        index: usize,
    },
    /// The loop cannot run on blocks of an input as they are computed.
    Behind {
        /// The number of the input.
        input: usize,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inputs { expected, found } => write!(f, "the loop has {expected} inputs, not {found}"),
            Self::Outputs { expected, found } => write!(f, "the loop has {expected} outputs, not {found}"),
            Self::Input { index, expected, found } => {
                write!(f, "input {index} has {found} bytes, but the loop reads {expected}")
            }
            Self::Output { index, expected, found } => {
                write!(f, "output {index} has {found} bytes, not the {expected} that the loop writes")
            }
            Self::Behind { input } => {
                write!(
                    f,
                    "the loop cannot run behind what computes input {input}: it must be `f32` in the order of the loop"
                )
            }
            Self::Shared { index } => {
                write!(f, "the loop writes over input {index}: give it as `Source::Exclusive`")
            }
        }
    }
}

impl Error for Mismatch {}
