//! Convolutional layers of lines.

use holotype_macros::{Module, layer};

use super::activation::Function;
use crate::functional::{Conv, EachAxis, Padding, PerAxis};
use crate::graph::Variable;
use crate::init;
use crate::tensor::Tensor;

/// `activation(x * W + b)`, where a kernel `W` moves over lines with channels last; see [`Tensor::conv`].
///
/// `W` starts as [`init::glorot_uniform`], `b` as zeros, both of dtype `f32`.
///
/// ```
/// use holotype::functional::Padding;
/// use holotype::layers::Conv1d;
/// use holotype::prelude::*;
/// let layer = Conv1d::new(3, 16, 3).strides(2).padding(Padding::Same);
/// assert_eq!(layer.call(&Tensor::zeros([1, 8, 3])).shape().to_string(), "[1, 4, 16]");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Conv1d {
    kernel: Variable,
    bias: Option<Variable>,
    #[module(config)]
    strides: PerAxis,
    #[module(config)]
    padding: Padding,
    #[module(config)]
    dilation: PerAxis,
    #[module(config)]
    groups: usize,
    #[module(config)]
    activation: Function,
}

#[layer]
impl Conv1d {
    /// A layer from `inputs` to `filters` channels, with a kernel of this size that moves by 1, without padding and without
    /// an activation function.
    pub fn new(inputs: usize, filters: usize, kernel_size: impl EachAxis<1>) -> Self {
        let size = kernel_size.each();
        Self {
            kernel: Variable::new(init::glorot_uniform([size[0], inputs, filters])),
            bias: Some(Variable::new(init::zeros([filters]))),
            strides: 1.into(),
            padding: Padding::Valid,
            dilation: 1.into(),
            groups: 1,
            activation: Function::Linear,
        }
    }

    /// The layer with other distances between windows.
    pub fn strides(mut self, strides: impl EachAxis<1>) -> Self {
        self.strides = strides.each().into();
        self
    }

    /// The layer with padding.
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// The layer with other distances between the elements of the kernel.
    pub fn dilation(mut self, dilation: impl EachAxis<1>) -> Self {
        self.dilation = dilation.each().into();
        self
    }

    /// The layer with channels in groups, each convolved by itself, and with a kernel that starts anew. A number of groups
    /// that does not divide the channels is an error of the call.
    pub fn groups(mut self, groups: usize) -> Self {
        let mut shape = self.kernel.shape().to_vec();
        let of_group = (&shape[1] * self.groups).exact_div(&groups.into());
        if let Some(of_group) = of_group {
            shape[1] = of_group;
            self.kernel = Variable::new(init::glorot_uniform(shape));
        }
        self.groups = groups;
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

    /// The kernel, `[length, inputs / groups, filters]`.
    pub fn kernel(&self) -> &Variable {
        &self.kernel
    }

    /// The bias, `[filters]`, if the layer has one.
    pub fn bias(&self) -> Option<&Variable> {
        self.bias.as_ref()
    }

    /// `[batch, length, inputs]` to `[batch, length, filters]`.
    #[signature(input = [None, None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let how = Conv::new().strides(self.strides.clone()).padding(self.padding.clone());
        let how = how.dilation(self.dilation.clone()).groups(self.groups);
        let sums = input.conv(&self.kernel, &how);
        let sums = match &self.bias {
            Some(bias) => sums + bias,
            None => sums,
        };
        self.activation.apply(&sums)
    }
}
