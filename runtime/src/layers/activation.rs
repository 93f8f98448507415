//! Activation functions as layers and as configuration of layers.

use holotype_macros::{Module, layer};
use serde::{Deserialize, Serialize};

use crate::tensor::Tensor;

/// An activation function by name: those of Keras 3, with its names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    #[serde(alias = "swish")]
    Silu,
    /// `ln(1 + e^x)`
    Softplus,
    /// `e^x` as a share of the sum along the last dimension.
    Softmax,
    /// The logarithm of [`Function::Softmax`].
    LogSoftmax,
    /// [`Tensor::sparsemax`] along the last dimension.
    Sparsemax,
    /// `min(max(x, 0), 6)`
    Relu6,
    /// `x`, or `slope * x` where it is negative; the number is the slope, 0.2 in Keras.
    LeakyRelu(f64),
    /// `x`, or `alpha * (e^x - 1)` where it is negative; the number is `alpha`, 1 in Keras.
    Elu(f64),
    /// `x`, or `alpha * (e^(x / alpha) - 1)` where it is negative; the number is `alpha`, 1 in Keras.
    Celu(f64),
    /// [`Tensor::selu`]
    Selu,
    /// `x Φ(x)`, about, by the hyperbolic tangent: [`Tensor::gelu_tanh`].
    GeluTanh,
    /// `x tanh(ln(1 + e^x))`
    Mish,
    /// `x / (1 + |x|)`
    Softsign,
    /// `e^x`
    Exponential,
    /// `relu6(x + 3) / 6`
    HardSigmoid,
    /// `x * relu6(x + 3) / 6`
    #[serde(alias = "hard_swish")]
    HardSilu,
    /// `min(max(x, -1), 1)`
    HardTanh,
    /// `x` where `|x|` is greater than the number, 0.5 in Keras, elsewhere 0.
    HardShrink(f64),
    /// `x` nearer to 0 by the number, 0.5 in Keras, and 0 where it is within.
    SoftShrink(f64),
    /// `x - tanh(x)`
    TanhShrink,
    /// `x` where it is greater than a threshold, elsewhere a value.
    Threshold {
        /// What `x` must be greater than.
        threshold: f64,
        /// What stands where it is not.
        value: f64,
    },
    /// `ln(1 / (1 + e^-x))`
    LogSigmoid,
    /// `(x + √(x² + b)) / 2`; the number is `b`, 4 in Keras.
    Squareplus(f64),
    /// [`Tensor::sparse_plus`]
    SparsePlus,
    /// [`Tensor::sparse_sigmoid`]
    SparseSigmoid,
    /// The first half along the last dimension times the sigmoid of the second half.
    Glu,
}

impl Function {
    /// The function of each element, or of each row where it is that of rows.
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
            Self::LogSoftmax => x.log_softmax(-1),
            Self::Sparsemax => x.sparsemax(-1),
            Self::Relu6 => x.relu6(),
            Self::LeakyRelu(slope) => x.leaky_relu(slope),
            Self::Elu(alpha) => x.elu(alpha),
            Self::Celu(alpha) => x.celu(alpha),
            Self::Selu => x.selu(),
            Self::GeluTanh => x.gelu_tanh(),
            Self::Mish => x.mish(),
            Self::Softsign => x.softsign(),
            Self::Exponential => x.exp(),
            Self::HardSigmoid => x.hard_sigmoid(),
            Self::HardSilu => x.hard_silu(),
            Self::HardTanh => x.hard_tanh(),
            Self::HardShrink(threshold) => x.hard_shrink(threshold),
            Self::SoftShrink(threshold) => x.soft_shrink(threshold),
            Self::TanhShrink => x.tanh_shrink(),
            Self::Threshold { threshold, value } => x.threshold(threshold, value),
            Self::LogSigmoid => x.log_sigmoid(),
            Self::Squareplus(b) => x.squareplus(b),
            Self::SparsePlus => x.sparse_plus(),
            Self::SparseSigmoid => x.sparse_sigmoid(),
            Self::Glu => x.glu(-1),
        }
    }
}

/// An activation function as a layer: float tensors of every shape. For a slope that is learned see
/// [`Prelu`](super::Prelu).
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
