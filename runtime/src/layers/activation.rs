//! Activation functions as layers and as configuration of layers.

use holotype_macros::{Module, layer};
use serde::{Deserialize, Serialize};

use crate::tensor::Tensor;

/// An activation function by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// `x`
    #[default]
    Linear,
    /// `max(x, 0)`
    Relu,
    /// `1 / (1 + e^-x)`
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `x Φ(x)`, by the error function ([Hendrycks and Gimpel 2016](https://arxiv.org/abs/1606.08415)).
    Gelu,
    /// `x / (1 + e^-x)`
    Silu,
    /// `ln(1 + e^x)`
    Softplus,
    /// `e^x` as a share of the sum along the last dimension.
    Softmax,
}

impl Function {
    /// The function of each element (of each row, for softmax).
    #[track_caller]
    pub fn apply(self, x: &Tensor) -> Tensor {
        match self {
            Self::Linear => x.clone(),
            Self::Relu => x.relu(),
            Self::Sigmoid => x.sigmoid(),
            Self::Tanh => x.tanh(),
            Self::Gelu => x.gelu(),
            Self::Silu => x.silu(),
            Self::Softplus => x.softplus(),
            Self::Softmax => x.softmax(-1),
        }
    }
}

/// An activation function as a layer: float tensors of every shape.
///
/// ```
/// use holotype::layers::Activation;
/// use holotype::prelude::*;
/// let relu = Activation::relu();
/// assert_eq!(relu.call(&Tensor::from([-1.0_f32, 2.0])).to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Activation {
    #[module(config)]
    function: Function,
}

macro_rules! constructors {
    ($($name:ident => $function:ident),* $(,)?) => {
        impl Activation {
            $(
                #[doc = concat!("[`Function::", stringify!($function), "`] as a layer.")]
                pub fn $name() -> Self {
                    Self { function: Function::$function }
                }
            )*
        }
    };
}

constructors! {
    relu => Relu, sigmoid => Sigmoid, tanh => Tanh, gelu => Gelu, silu => Silu, softplus => Softplus, softmax => Softmax,
}

#[layer]
impl Activation {
    /// A function as a layer.
    pub fn new(function: Function) -> Self {
        Self { function }
    }

    /// Applies the function to a float tensor of any shape.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        self.function.apply(input)
    }
}
