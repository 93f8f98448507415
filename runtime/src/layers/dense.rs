//! Fully connected layers.

use holotype_macros::{Module, layer};

use super::activation::Function;
use crate::graph::Variable;
use crate::init;
use crate::tensor::Tensor;

/// `activation(x W + b)`: every output is connected to every input.
///
/// `W` starts as [`init::glorot_uniform`], `b` as zeros, both of dtype `f32`.
///
/// ```
/// use holotype::layers::{Dense, Function};
/// use holotype::prelude::*;
/// let layer = Dense::new(5, 3).activation(Function::Relu);
/// assert_eq!(layer.call(&Tensor::zeros([2, 5])).shape().to_string(), "[2, 3]");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Dense {
    weights: Variable,
    bias: Option<Variable>,
    #[module(config, default)]
    activation: Function,
}

#[layer]
impl Dense {
    /// A layer from `inputs` to `units` numbers, without an activation function.
    pub fn new(inputs: usize, units: usize) -> Self {
        Self {
            weights: Variable::new(init::glorot_uniform([inputs, units])),
            bias: Some(Variable::new(init::zeros([units]))),
            activation: Function::Linear,
        }
    }

    /// The layer with an activation function behind it.
    pub fn activation(mut self, function: Function) -> Self {
        self.activation = function;
        self
    }

    /// The layer without a bias.
    pub fn without_bias(mut self) -> Self {
        self.bias = None;
        self
    }

    /// The weights, `[inputs, units]`.
    pub fn weights(&self) -> &Variable {
        &self.weights
    }

    /// The bias, `[units]`, if the layer has one.
    pub fn bias(&self) -> Option<&Variable> {
        self.bias.as_ref()
    }

    /// `[.., inputs]` to `[.., units]`.
    #[signature(input = [.., None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let product = input.matmul(&self.weights);
        let sum = match &self.bias {
            Some(bias) => product + bias,
            None => product,
        };
        self.activation.apply(&sum)
    }
}
