//! Convolutions of lines, images and volumes.

use super::layout::Layout;
use super::padding::Padding;
use super::per_axis::PerAxis;
use crate::error::Location;
use crate::graph::{Op, composition, constrain, type_of};
use crate::ops::{Convolution, ConvolutionDimensions, Operand, Window, regrouped};
use crate::tensor::{Dim, Shape, Tensor, TensorType};

/// How a kernel moves over an image: `Conv::new().strides(2).padding(Padding::Same)`.
///
/// At first it moves by 1, without padding, dilation and groups, over images with channels last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conv {
    strides: PerAxis,
    padding: Padding,
    dilation: PerAxis,
    groups: usize,
    layout: Layout,
    output_padding: PerAxis,
}

impl Default for Conv {
    fn default() -> Self {
        Self {
            strides: 1.into(),
            padding: Padding::Valid,
            dilation: 1.into(),
            groups: 1,
            layout: Layout::default(),
            output_padding: 0.into(),
        }
    }
}

impl Conv {
    /// The usual.
    pub fn new() -> Self {
        Self::default()
    }

    /// The distances from one window to the next.
    pub fn strides(self, strides: impl Into<PerAxis>) -> Self {
        Self { strides: strides.into(), ..self }
    }

    /// What is added around the image; zeros.
    pub fn padding(self, padding: impl Into<Padding>) -> Self {
        Self { padding: padding.into(), ..self }
    }

    /// The distances between the elements of the kernel.
    pub fn dilation(self, dilation: impl Into<PerAxis>) -> Self {
        Self { dilation: dilation.into(), ..self }
    }

    /// The channels fall into so many groups, and each is convolved by itself.
    pub fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// Where the channels are, and with that the order of the kernel.
    pub fn layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// For [`Tensor::conv_transpose`] with explicit padding, what is added behind the result, which strides leave open.
    pub fn output_padding(self, output_padding: impl Into<PerAxis>) -> Self {
        Self { output_padding: output_padding.into(), ..self }
    }
}

impl Tensor {
    /// The sums of products of a kernel with the windows of a line, image or volume, whichever the rank says.
    ///
    /// With channels last: `[batch, space.., inputs]` with a kernel `[space.., inputs / groups, outputs]` to
    /// `[batch, space.., outputs]`; with channels first, `[batch, inputs, space..]` with `[outputs, inputs / groups, space..]`
    /// to `[batch, outputs, space..]`. Numeric dtypes, the same for both. Sizes of the image may be symbolic.
    ///
    /// ```
    /// use holotype::functional::{Conv, Padding};
    /// use holotype::prelude::*;
    /// let (images, kernel) = (Tensor::ones([1, 5, 5, 3]), Tensor::ones([3, 3, 3, 8]));
    /// let features = images.conv(&kernel, &Conv::new().strides(2).padding(Padding::Same));
    /// assert_eq!(features.shape().to_string(), "[1, 3, 3, 8]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn conv(&self, kernel: impl Operand, how: &Conv) -> Self {
        let kernel = kernel.to_tensor(self);
        match with_types("conv", self, &kernel, |image, weights| plan(image, weights, how, false)) {
            Ok(convolution) => self.convolution(&kernel, &convolution),
            Err(failed) => failed,
        }
    }

    /// What [`Tensor::conv`] does to gradients: an image from which a convolution with this kernel gives one of this size.
    ///
    /// The kernel has the dimensions of that convolution's: with channels last, `[batch, space.., inputs]` with
    /// `[space.., outputs / groups, inputs]` to `[batch, space.., outputs]`, as Keras' `Conv2DTranspose`; with channels first,
    /// `[batch, inputs, space..]` with `[inputs, outputs / groups, space..]`, as `PyTorch`'s `ConvTranspose2d`. A size becomes
    /// `size * stride` with [`Padding::Same`], `size * stride + max(window - stride, 0)` with [`Padding::Valid`], and with
    /// explicit padding `(size - 1) * stride + window - low - high + output_padding`, where a window that is dilated counts
    /// with what is between its elements.
    ///
    /// ```
    /// use holotype::functional::{Conv, Padding};
    /// use holotype::prelude::*;
    /// let (images, kernel) = (Tensor::ones([1, 5, 5, 3]), Tensor::ones([3, 3, 8, 3]));
    /// let larger = images.conv_transpose(&kernel, &Conv::new().strides(2).padding(Padding::Same));
    /// assert_eq!(larger.shape().to_string(), "[1, 10, 10, 8]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn conv_transpose(&self, kernel: impl Operand, how: &Conv) -> Self {
        let kernel = kernel.to_tensor(self);
        match with_types("conv_transpose", self, &kernel, |image, weights| transposed(image, weights, how)) {
            Ok((convolution, [inputs, outputs])) => {
                composition("conv_transpose", &[self, &kernel], |operands| {
                    let kernel = regrouped(&operands[1], inputs, outputs, how.groups);
                    operands[0].convolution(kernel, &convolution)
                })
            }
            Err(failed) => failed,
        }
    }

    /// Convolves each channel by itself, with as many kernels as the multiplier says.
    ///
    /// With channels last: `[batch, space.., inputs]` with `[space.., inputs, multiplier]` to
    /// `[batch, space.., inputs * multiplier]`; with channels first, the kernel is `[inputs, multiplier, space..]`. The groups
    /// of `how` are those of the channels.
    ///
    /// ```
    /// use holotype::functional::Conv;
    /// use holotype::prelude::*;
    /// let (images, kernel) = (Tensor::ones([1, 5, 5, 3]), Tensor::ones([3, 3, 3, 2]));
    /// assert_eq!(images.depthwise_conv(&kernel, &Conv::new()).shape().to_string(), "[1, 3, 3, 6]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn depthwise_conv(&self, kernel: impl Operand, how: &Conv) -> Self {
        let kernel = kernel.to_tensor(self);
        match with_types("depthwise_conv", self, &kernel, |image, weights| depthwise(image, weights, how)) {
            Ok((how, shape)) => self.conv(kernel.reshape(shape), &how),
            Err(failed) => failed,
        }
    }

    /// [`Tensor::depthwise_conv`], and then at each place a product over the channels: `pointwise` is a kernel of size 1,
    /// `[1.., inputs * multiplier, outputs]` with channels last, `[outputs, inputs * multiplier, 1..]` with channels first.
    ///
    /// ```
    /// use holotype::functional::Conv;
    /// use holotype::prelude::*;
    /// let (images, depthwise) = (Tensor::ones([1, 5, 5, 3]), Tensor::ones([3, 3, 3, 2]));
    /// let features = images.separable_conv(&depthwise, Tensor::ones([1, 1, 6, 4]), &Conv::new());
    /// assert_eq!(features.shape().to_string(), "[1, 3, 3, 4]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn separable_conv(&self, depthwise: impl Operand, pointwise: impl Operand, how: &Conv) -> Self {
        let pointwise = pointwise.to_tensor(self);
        let each = self.depthwise_conv(depthwise, how);
        each.conv(&pointwise, &Conv::new().layout(how.layout))
    }
}

/// Runs `body` with the types of image and kernel; its error is one of `name` at the user's place.
#[track_caller]
fn with_types<R>(
    name: &str,
    image: &Tensor,
    kernel: &Tensor,
    body: impl FnOnce(&TensorType, &TensorType) -> Result<R, String>,
) -> Result<R, Tensor> {
    let location = Location::caller();
    let (Some(own), Some(weights)) = (type_of(image), type_of(kernel)) else {
        return Err(Tensor::failed(name, &[image, kernel], "", location));
    };
    body(&own, &weights).map_err(|message| Tensor::failed(name, &[image, kernel], message, location))
}

/// The transposed convolution, which fits the image, and where the kernel has inputs and outputs.
fn transposed(
    image: &TensorType,
    kernel: &TensorType,
    how: &Conv,
) -> Result<(Convolution, [usize; 2]), String> {
    let convolution = plan(image, kernel, how, true)?;
    let (_, outputs, inputs) = how.layout.kernel(image.rank());
    let groups = Dim::from(how.groups);
    let mut regrouped = kernel.shape.to_vec();
    let of_group = regrouped[inputs].exact_div(&groups);
    regrouped[inputs] = of_group.ok_or_else(|| {
        format!("{} inputs of a kernel {kernel} do not fall into {groups} groups", regrouped[inputs])
    })?;
    regrouped[outputs] = regrouped[outputs].checked_mul(&groups).ok_or("a size overflows")?;
    let operands = [image.clone(), kernel.with_shape(Shape::new(regrouped))];
    constrain(|constraints| convolution.infer(&operands, constraints))?;
    Ok((convolution, [inputs, outputs]))
}

fn plan(
    image: &TensorType,
    kernel: &TensorType,
    how: &Conv,
    transposed: bool,
) -> Result<Convolution, String> {
    let rank = image.rank();
    let spatial = how.layout.spatial(image)?;
    if kernel.rank() != rank {
        return Err(format!("an image {image} needs a kernel of rank {rank}, not {kernel}"));
    }
    let count = spatial.len();
    let (strides, dilation) = (how.strides.of(count, "strides")?, how.dilation.of(count, "dilations")?);
    let output_padding = how.output_padding.of(count, "output_padding")?;
    let explicit = matches!(how.padding, Padding::Explicit(_));
    if !(transposed && explicit) && output_padding.iter().any(|&width| width > 0) {
        return Err("`output_padding` goes with a transposed convolution with explicit padding".into());
    }
    let (window, inputs, outputs) = how.layout.kernel(rank);
    let mut windows = Vec::with_capacity(count);
    for (number, (axis, of_kernel)) in spatial.clone().zip(window.clone()).enumerate() {
        let (stride, dilation) = (strides[number], dilation[number]);
        let span =
            kernel.shape[of_kernel].as_usize().map(|size| size.saturating_sub(1).saturating_mul(dilation));
        let span = span.filter(|&span| span < 1 << 31).map(|span| span + 1);
        let span = span.ok_or_else(|| {
            format!("dimension {of_kernel} of a kernel needs a number as its size: {kernel}")
        })?;
        if stride == 0 || stride >= 1 << 31 {
            return Err(format!("a stride of {stride} is no distance between windows: use 1 or more"));
        }
        let place = (number, count);
        windows.push(if transposed {
            let (low, high) = how.padding.transposed(place, span, stride)?;
            let high = high.saturating_add(i64::try_from(output_padding[number]).unwrap_or(i64::MAX));
            Window::new().base_dilation(stride).window_dilation(dilation).padding(low, high)
        } else {
            let (low, high) = how.padding.widths(place, &image.shape[axis], span, stride)?;
            Window::new().stride(stride).window_dilation(dilation).padding(low, high)
        });
    }
    let of_image = [&[0, how.layout.channels(rank)], &spatial.collect::<Vec<_>>()[..]].concat();
    // A transposed convolution goes from the outputs of the kernel to its inputs.
    let features = if transposed { [inputs, outputs] } else { [outputs, inputs] };
    Ok(Convolution {
        windows,
        reversal: vec![transposed; count],
        dimensions: ConvolutionDimensions {
            input: of_image.clone(),
            kernel: [&features[..], &window.collect::<Vec<_>>()].concat(),
            output: of_image,
        },
        feature_group_count: how.groups,
        batch_group_count: 1,
    })
}

/// The grouped convolution that convolves each channel by itself, and the shape of its kernel.
fn depthwise(image: &TensorType, weights: &TensorType, how: &Conv) -> Result<(Conv, Shape), String> {
    let rank = image.rank();
    how.layout.spatial(image)?;
    if weights.rank() != rank {
        return Err(format!("an image {image} needs a kernel of rank {rank}, not {weights}"));
    }
    let (inputs, multiplier) = match how.layout {
        Layout::ChannelsLast => (rank - 2, rank - 1),
        Layout::ChannelsFirst => (0, 1),
    };
    let (inputs, multiplier) = (&weights.shape[inputs], &weights.shape[multiplier]);
    let groups = inputs.as_usize().filter(|&groups| groups > 0);
    let groups = groups.ok_or_else(|| format!("the channels of a kernel need a number: {weights}"))?;
    let outputs = inputs.checked_mul(multiplier).ok_or("a size overflows")?;
    let (window, single, all) = how.layout.kernel(rank);
    let mut shape = vec![1.into(); rank];
    for axis in window {
        shape[axis] = weights.shape[axis].clone();
    }
    (shape[single], shape[all]) = (1.into(), outputs);
    Ok((how.clone().groups(groups), Shape::new(shape)))
}
