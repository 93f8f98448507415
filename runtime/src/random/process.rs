//! The generator of the process, for tensors that are made once.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use super::generator::Generator;
use crate::error::Error;
use crate::graph::with_active;
use crate::tensor::{Shape, Tensor};

static PROCESS: Mutex<Option<Generator>> = Mutex::new(None);

/// Starts the generator of the process from a seed, so that what is drawn from now on is the same in every run.
///
/// [`Tensor::rand`], [`Tensor::randn`] and the initializers of [`init`](crate::init) draw from it. Without a seed it
/// starts somewhere else in every run.
///
/// ```
/// use holotype::prelude::*;
/// holotype::random::seed(42);
/// let first = Tensor::rand([3]);
/// holotype::random::seed(42);
/// assert_eq!(first.to_vec::<f32>()?, Tensor::rand([3]).to_vec::<f32>()?);
/// # Ok::<(), holotype::Error>(())
/// ```
pub fn seed(seed: u64) {
    *PROCESS.lock().unwrap_or_else(PoisonError::into_inner) = Some(Generator::new(seed));
}

/// Draws from the generator of the process; in a trace an error, because the numbers would be constants of the graph.
#[track_caller]
pub(crate) fn with_process_generator(draw: impl FnOnce(&Generator) -> Tensor) -> Tensor {
    let function = with_active(|trace| trace.stack.last().map(|building| building.function.name.clone()));
    if let Some(function) = function {
        return Tensor::from_error(Error::Trace {
            function: function.unwrap_or_default(),
            message: "a random tensor made here would be baked into the graph as a constant, the same in every call: \
                      keep a `Generator` in a field of the module and draw from it"
                .into(),
        });
    }
    let mut process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    // A hasher of the standard library takes its keys from the operating system's entropy.
    draw(process.get_or_insert_with(|| Generator::new(RandomState::new().hash_one("seed"))))
}

impl Tensor {
    /// Random numbers of dtype `f32` from 0 on and below 1, from the generator of the process.
    ///
    /// In a trace it is an error: see [`Generator`].
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::rand([2, 3]).shape().to_string(), "[2, 3]");
    /// ```
    #[track_caller]
    pub fn rand(shape: impl Into<Shape>) -> Self {
        with_process_generator(|generator| generator.uniform(shape))
    }

    /// Random numbers of dtype `f32` from the standard normal distribution, from the generator of the process.
    ///
    /// In a trace it is an error: see [`Generator`].
    #[track_caller]
    pub fn randn(shape: impl Into<Shape>) -> Self {
        with_process_generator(|generator| generator.normal(shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ_from_draw_to_draw() {
        let draws = [Tensor::rand([4]), Tensor::rand([4])].map(|draw| draw.to_vec::<f32>().unwrap());
        assert_ne!(draws[0], draws[1]);
        assert!(Tensor::randn([-2]).error().is_some());
    }
}
