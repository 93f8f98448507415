//! Convolutional layers of images in two steps: each channel by itself, then all at each place.

use holotype_macros::{Module, layer};

use super::activation::Function;
use crate::functional::{Conv, EachAxis, Padding, PerAxis};
use crate::graph::Variable;
use crate::init;
use crate::tensor::Tensor;

/// `activation(x * D * P + b)`, where a kernel `D` moves over each channel by itself and a product `P` at each place puts the
/// channels together, over images with channels last; see [`Tensor::separable_conv`].
///
/// `D` and `P` start as [`init::glorot_uniform`], `b` as zeros, all of dtype `f32`.
///
/// ```
/// use holotype::layers::SeparableConv2d;
/// use holotype::prelude::*;
/// let layer = SeparableConv2d::new(3, 16, 3);
/// assert_eq!(layer.call(&Tensor::zeros([1, 8, 8, 3])).shape().to_string(), "[1, 6, 6, 16]");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct SeparableConv2d {
    depthwise: Variable,
    pointwise: Variable,
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
impl SeparableConv2d {
    /// A layer from `inputs` to `filters` channels, with a kernel of this size for each input, which moves by 1, without
    /// padding and without an activation function.
    pub fn new(inputs: usize, filters: usize, kernel_size: impl EachAxis<2>) -> Self {
        let size = kernel_size.each();
        Self {
            depthwise: Variable::new(init::glorot_uniform([size[0], size[1], inputs, 1])),
            pointwise: Variable::new(init::glorot_uniform([1, 1, inputs, filters])),
            bias: Some(Variable::new(init::zeros([filters]))),
            strides: 1.into(),
            padding: Padding::Valid,
            dilation: 1.into(),
            activation: Function::Linear,
        }
    }

    /// The layer with this many results for each input; its variables start anew.
    pub fn depth_multiplier(mut self, multiplier: usize) -> Self {
        let mut shape = self.depthwise.shape().to_vec();
        let (inputs, filters) = (shape[2].clone(), self.pointwise.shape()[3].clone());
        shape[3] = multiplier.into();
        self.depthwise = Variable::new(init::glorot_uniform(shape));
        let channels = inputs * multiplier;
        self.pointwise = Variable::new(init::glorot_uniform([1.into(), 1.into(), channels, filters]));
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

    /// The kernel of each channel, `[height, width, inputs, multiplier]`.
    pub fn depthwise(&self) -> &Variable {
        &self.depthwise
    }

    /// The product at each place, `[1, 1, inputs * multiplier, filters]`.
    pub fn pointwise(&self) -> &Variable {
        &self.pointwise
    }

    /// The bias, `[filters]`, if the layer has one.
    pub fn bias(&self) -> Option<&Variable> {
        self.bias.as_ref()
    }

    /// `[batch, height, width, inputs]` to `[batch, height, width, filters]`.
    #[signature(input = [None, None, None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let how = Conv::new().strides(self.strides.clone()).padding(self.padding.clone());
        let how = how.dilation(self.dilation.clone());
        let sums = input.separable_conv(&self.depthwise, &self.pointwise, &how);
        let sums = match &self.bias {
            Some(bias) => sums + bias,
            None => sums,
        };
        self.activation.apply(&sums)
    }
}
