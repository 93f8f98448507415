//! One example.

use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// One example, or a batch of them: what goes into the model, and what it should give.
#[derive(Clone, Debug)]
pub struct Example {
    /// The inputs, in the order of the model's `call`.
    pub inputs: Vec<Tensor>,
    /// What the model should give.
    pub targets: Vec<Tensor>,
    /// How much the example counts.
    pub weight: Option<Tensor>,
}

/// Which parts of an example are what: inputs, then targets, then the weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub inputs: usize,
    pub targets: usize,
    pub weighted: bool,
}

impl Layout {
    /// How many parts there are.
    pub fn parts(self) -> usize {
        self.inputs + self.targets + usize::from(self.weighted)
    }

    /// The example with these parts.
    pub fn example(self, mut parts: Vec<Tensor>) -> Result<Example> {
        if parts.len() != self.parts() {
            return Err(Error::Data(format!(
                "an example has {} parts, and the data have {} inputs, {} targets and {} weights: the source must give as many",
                parts.len(),
                self.inputs,
                self.targets,
                usize::from(self.weighted)
            )));
        }
        let weight = if self.weighted { parts.pop() } else { None };
        let targets = parts.split_off(self.inputs);
        Ok(Example { inputs: parts, targets, weight })
    }

    /// The parts of an example, which must be as many as before.
    pub fn parts_of(self, example: Example) -> Result<Vec<Tensor>> {
        let Example { inputs, targets, weight } = example;
        let found = Self { inputs: inputs.len(), targets: targets.len(), weighted: weight.is_some() };
        if found != self {
            return Err(Error::Data(format!(
                "a function of `map` gives {} inputs, {} targets and {} weights for {} inputs, {} targets and {} weights: give as \
                 many as before",
                found.inputs,
                found.targets,
                usize::from(found.weighted),
                self.inputs,
                self.targets,
                usize::from(self.weighted)
            )));
        }
        Ok(inputs.into_iter().chain(targets).chain(weight).collect())
    }
}
