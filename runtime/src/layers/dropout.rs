//! Leaving numbers out at random while training.

use holotype_macros::{Module, layer};

use crate::graph::{Mode, mode};
use crate::random::Generator;
use crate::tensor::Tensor;

/// While training, sets each element to 0 with probability `rate` and divides the others by `1 - rate`; gives its input as
/// it is otherwise ([Srivastava et al. 2014](https://jmlr.org/papers/v15/srivastava14a.html)).
///
/// The random state is a variable of the layer, so that a run which is saved and resumed drops what it would have dropped.
#[derive(Module)]
pub struct Dropout {
    rate: f32,
    generator: Generator,
}

#[layer]
impl Dropout {
    /// A layer that drops elements with probability `rate`, from 0 up to but without 1.
    ///
    /// Another rate is an error that the output carries.
    pub fn new(rate: f32, seed: u64) -> Self {
        Self { rate, generator: Generator::new(seed) }
    }

    /// Float tensors of every shape.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        if !(0.0..1.0).contains(&self.rate) {
            return Tensor::from_error(crate::error::Error::Module {
                path: "rate".into(),
                message: format!("a dropout rate is at least 0 and less than 1, not {}", self.rate),
            });
        }
        if mode() == Mode::Inference || self.rate == 0.0 {
            return input.clone();
        }
        let kept = self.generator.uniform(input.shape()).greater_equal(self.rate);
        kept.select(input / (1.0 - self.rate), 0.0)
    }
}
