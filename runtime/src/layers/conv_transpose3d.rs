//! Transposed convolutional layers of volumes.

use holotype_macros::{Module, layer};

use super::activation::Function;
use crate::functional::{Conv, EachAxis, Padding, PerAxis};
use crate::graph::Variable;
use crate::init;
use crate::tensor::Tensor;

/// `activation(x * W + b)`, where a transposed convolution makes volumes with channels last larger; see
/// [`Tensor::conv_transpose`].
///
/// `W` starts as [`init::glorot_uniform`], `b` as zeros, both of dtype `f32`.
///
/// ```
/// use holotype::functional::Padding;
/// use holotype::layers::ConvTranspose3d;
/// use holotype::prelude::*;
/// let layer = ConvTranspose3d::new(3, 16, 3).strides(2).padding(Padding::Same);
/// assert_eq!(layer.call(&Tensor::zeros([1, 4, 4, 4, 3])).shape().to_string(), "[1, 8, 8, 8, 16]");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct ConvTranspose3d {
    kernel: Variable,
    bias: Option<Variable>,
    #[module(config)]
    strides: PerAxis,
    #[module(config)]
    padding: Padding,
    #[module(config)]
    dilation: PerAxis,
    #[module(config)]
    activation: Function,
}

#[layer]
impl ConvTranspose3d {
    /// A layer from `inputs` to `filters` channels, with a kernel of this size that moves by 1, without padding and without
    /// an activation function.
    pub fn new(inputs: usize, filters: usize, kernel_size: impl EachAxis<3>) -> Self {
        let size = kernel_size.each();
        Self {
            kernel: Variable::new(init::glorot_uniform([size[0], size[1], size[2], filters, inputs])),
            bias: Some(Variable::new(init::zeros([filters]))),
            strides: 1.into(),
            padding: Padding::Valid,
            dilation: 1.into(),
            activation: Function::Linear,
        }
    }

    /// The layer with other factors by which sizes grow.
    pub fn strides(mut self, strides: impl EachAxis<3>) -> Self {
        self.strides = strides.each().into();
        self
    }

    /// The layer with padding, which is that of the convolution the other way.
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// The layer with other distances between the elements of the kernel.
    pub fn dilation(mut self, dilation: impl EachAxis<3>) -> Self {
        self.dilation = dilation.each().into();
        self
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

    /// The kernel, `[depth, height, width, filters, inputs]`.
    pub fn kernel(&self) -> &Variable {
        &self.kernel
    }

    /// The bias, `[filters]`, if the layer has one.
    pub fn bias(&self) -> Option<&Variable> {
        self.bias.as_ref()
    }

    /// `[batch, depth, height, width, inputs]` to `[batch, depth, height, width, filters]`.
    #[signature(input = [None, None, None, None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let how = Conv::new().strides(self.strides.clone()).padding(self.padding.clone());
        let sums = input.conv_transpose(&self.kernel, &how.dilation(self.dilation.clone()));
        let sums = match &self.bias {
            Some(bias) => sums + bias,
            None => sums,
        };
        self.activation.apply(&sums)
    }
}
