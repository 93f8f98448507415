//! Convolutional layers of images that take each channel by itself.

use holotype_macros::{Module, layer};

use super::activation::Function;
use crate::functional::{Conv, EachAxis, Padding, PerAxis};
use crate::graph::Variable;
use crate::init;
use crate::tensor::Tensor;

/// `activation(x * W + b)`, where a kernel `W` moves over each channel by itself, over images with channels last; see
/// [`Tensor::depthwise_conv`].
///
/// `W` starts as [`init::glorot_uniform`], `b` as zeros, both of dtype `f32`.
///
/// ```
/// use holotype::layers::DepthwiseConv2d;
/// use holotype::prelude::*;
/// let layer = DepthwiseConv2d::new(3, 3).depth_multiplier(2);
/// assert_eq!(layer.call(&Tensor::zeros([1, 8, 8, 3])).shape().to_string(), "[1, 6, 6, 6]");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct DepthwiseConv2d {
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
impl DepthwiseConv2d {
    /// A layer for `inputs` channels, with a kernel of this size for each, which moves by 1, without padding and without an
    /// activation function.
    pub fn new(inputs: usize, kernel_size: impl EachAxis<2>) -> Self {
        let size = kernel_size.each();
        Self {
            kernel: Variable::new(init::glorot_uniform([size[0], size[1], inputs, 1])),
            bias: Some(Variable::new(init::zeros([inputs]))),
            strides: 1.into(),
            padding: Padding::Valid,
            dilation: 1.into(),
            activation: Function::Linear,
        }
    }

    /// The layer with this many results for each input; its variables start anew.
    pub fn depth_multiplier(mut self, multiplier: usize) -> Self {
        let mut shape = self.kernel.shape().to_vec();
        let filters = &shape[2] * multiplier;
        shape[3] = multiplier.into();
        self.kernel = Variable::new(init::glorot_uniform(shape));
        self.bias = self.bias.map(|_| Variable::new(init::zeros([filters])));
        self
    }

    /// The layer with other distances between windows.
    pub fn strides(mut self, strides: impl EachAxis<2>) -> Self {
        self.strides = strides.each().into();
        self
    }

    /// The layer with padding.
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// The layer with other distances between the elements of the kernel.
    pub fn dilation(mut self, dilation: impl EachAxis<2>) -> Self {
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

    /// The kernel, `[height, width, inputs, multiplier]`.
    pub fn kernel(&self) -> &Variable {
        &self.kernel
    }

    /// The bias, `[inputs * multiplier]`, if the layer has one.
    pub fn bias(&self) -> Option<&Variable> {
        self.bias.as_ref()
    }

    /// `[batch, height, width, inputs]` to `[batch, height, width, inputs * multiplier]`.
    #[signature(input = [None, None, None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let how = Conv::new().strides(self.strides.clone()).padding(self.padding.clone());
        let how = how.dilation(self.dilation.clone());
        let sums = input.depthwise_conv(&self.kernel, &how);
        let sums = match &self.bias {
            Some(bias) => sums + bias,
            None => sums,
        };
        self.activation.apply(&sums)
    }
}
