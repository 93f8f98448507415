//! Layers without parameters: a struct and an enum.

use std::fmt;

use ht::prelude::*;
use serde::{Deserialize, Serialize};

/// What stands behind a layer.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Activation {
    /// Nothing.
    Linear,
    /// The hyperbolic tangent.
    Tanh,
}

/// `activation(x W + b)`
#[derive(Module)]
#[module(name = "renamed::Dense", alias = "renamed::Linear")]
pub struct Dense {
    weights: Variable,
    #[module(rename = "offset", alias = "b")]
    bias: Variable,
    units: usize,
    #[module(config, default = Activation::Linear)]
    activation: Activation,
    #[module(skip)]
    cache: Option<String>,
}

#[ht::layer]
impl Dense {
    /// A layer from `inputs` to `units` numbers.
    pub fn new(inputs: usize, units: usize, activation: Activation) -> Self {
        let weights = Variable::new(init::normal([inputs, units]));
        Self { weights, bias: Variable::new(init::zeros([units])), units, activation, cache: None }
    }

    /// `[batch, inputs]` to `[batch, units]`.
    #[signature(input = [batch, None; f32] -> [batch, self.units; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let sum = self.sum(input.clone());
        match self.activation {
            Activation::Linear => sum,
            Activation::Tanh => sum.tanh(),
        }
    }

    /// What [`Self::call`] puts through the activation.
    #[ht::signature(input = [batch, None; f32] -> (sum = [batch, self.units; f32]))]
    pub fn sum(&self, mut input: Tensor) -> Tensor {
        input = input.matmul(&self.weights);
        input + &self.bias
    }
}

impl fmt::Debug for Dense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dense")
            .field("units", &self.units)
            .field("activation", &self.activation)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// A layer or none.
#[derive(Debug, Module)]
pub enum Choice {
    /// The input as it is.
    Same,
    /// A layer.
    Layer {
        /// What is applied.
        inner: Dense,
    },
}

#[ht::layer]
impl Choice {
    /// As what it is says.
    #[signature(input = [None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        match self {
            Self::Same => input.clone(),
            Self::Layer { inner } => inner.call(input),
        }
    }
}
