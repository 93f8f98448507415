//! The mean of numbers that come in batches.

use holotype_macros::Module;

use super::weights::of_each;
use crate::graph::Variable;
use crate::tensor::{DType, Tensor};

/// A sum in `f64`, and of how many numbers.
#[derive(Module)]
pub(super) struct RunningMean {
    #[module(state)]
    total: Variable,
    #[module(state)]
    count: Variable,
}

impl RunningMean {
    pub fn new() -> Self {
        let zero = || Variable::state(Tensor::scalar(0.0_f64));
        Self { total: zero(), count: zero() }
    }

    /// Takes all elements of a tensor in, those of each sample as often as its weight says.
    pub fn add(&self, numbers: &Tensor, weights: Option<&Tensor>) {
        let numbers = numbers.cast(DType::F64);
        let (sum, number) = match weights.map(|weights| of_each(weights, &numbers)) {
            Some(weights) => ((&numbers * &weights).sum(), weights.sum()),
            None => (numbers.sum(), numbers.ones_like().sum()),
        };
        self.total.assign(self.total.value() + sum);
        self.count.assign(self.count.value() + number);
    }

    /// The mean; NaN of nothing.
    pub fn result(&self) -> Tensor {
        self.total.value() / self.count.value()
    }

    pub fn reset(&self) {
        self.total.assign(self.total.value().zeros_like());
        self.count.assign(self.count.value().zeros_like());
    }
}
