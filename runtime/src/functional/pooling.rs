//! Pooling: one number for each window of a line, image or volume.

use super::composition::{not_float, size_above_0, unless_empty};
use super::layout::Layout;
use super::padding::Padding;
use super::per_axis::PerAxis;
use crate::error::Location;
use crate::graph::{composition, type_of};
use crate::ops::{Reducer, Window};
use crate::tensor::{DType, Dim, Tensor, TensorType};

/// How windows of a size move over an image: `Pool::new(2)`, `Pool::new([3, 3]).strides(2).padding(Padding::Same)`.
///
/// At first they stand next to each other, without padding, over images with channels last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    sizes: PerAxis,
    strides: Option<PerAxis>,
    padding: Padding,
    dilation: PerAxis,
    layout: Layout,
    count_padding: bool,
}

impl Pool {
    /// Windows of this size.
    pub fn new(sizes: impl Into<PerAxis>) -> Self {
        Self {
            sizes: sizes.into(),
            strides: None,
            padding: Padding::Valid,
            dilation: 1.into(),
            layout: Layout::default(),
            count_padding: false,
        }
    }

    /// The distances from one window to the next.
    pub fn strides(self, strides: impl Into<PerAxis>) -> Self {
        Self { strides: Some(strides.into()), ..self }
    }

    /// What is added around the image; it is never the greatest.
    pub fn padding(self, padding: impl Into<Padding>) -> Self {
        Self { padding: padding.into(), ..self }
    }

    /// The distances between the elements of a window.
    pub fn dilation(self, dilation: impl Into<PerAxis>) -> Self {
        Self { dilation: dilation.into(), ..self }
    }

    /// Where the channels are.
    pub fn layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// Whether a mean divides by the size of the window also where it reaches into the padding, as `PyTorch` does; TensorFlow
    /// and Keras divide by the number of elements, as this does at first.
    pub fn count_include_pad(self, count_padding: bool) -> Self {
        Self { count_padding, ..self }
    }

    /// For each dimension of an image the size of a window, and how it moves.
    fn windows(&self, image: &TensorType) -> Result<(Vec<usize>, Vec<Window>), String> {
        let spatial = self.layout.spatial(image)?;
        let count = spatial.len();
        let sizes = self.sizes.of(count, "sizes")?;
        let strides = self.strides.as_ref().unwrap_or(&self.sizes).of(count, "strides")?;
        let dilation = self.dilation.of(count, "dilations")?;
        let mut all = (vec![1; image.rank()], vec![Window::new(); image.rank()]);
        for (number, axis) in spatial.enumerate() {
            let (size, stride, dilation) = (sizes[number], strides[number], dilation[number]);
            let span = size.checked_sub(1).and_then(|steps| steps.checked_mul(dilation)).map(|span| span + 1);
            let span = span.filter(|&span| span < 1 << 31 && (1..1 << 31).contains(&stride));
            let span = span.ok_or_else(|| {
                format!(
                    "a window of {size} that moves by {stride}, dilated by {dilation}, is none: use 1 or more"
                )
            })?;
            let (low, high) = self.padding.widths((number, count), &image.shape[axis], span, stride)?;
            let window = Window::new().stride(stride).window_dilation(dilation).padding(low, high);
            window
                .count(&image.shape[axis], &Dim::from(size))
                .map_err(|message| format!("dimension {axis}: {message}"))?;
            (all.0[axis], all.1[axis]) = (size, window);
        }
        Ok(all)
    }
}

impl Tensor {
    /// The greatest element of each window, for each channel by itself. Every dtype; NaN if one is.
    ///
    /// The gradient goes to the first of equal elements.
    ///
    /// ```
    /// use holotype::functional::Pool;
    /// use holotype::prelude::*;
    /// let images = Tensor::from([1, 5, 2, 4]).reshape([1, 2, 2, 1]);
    /// assert_eq!(images.max_pool(&Pool::new(2)).to_vec::<i32>()?, [5]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn max_pool(&self, how: &Pool) -> Self {
        with_type("max_pool", self, |own| {
            let (sizes, windows) = how.windows(&own)?;
            Ok(move |operands: &[Self]| operands[0].reduce_window(Reducer::Max, &sizes, &windows))
        })
    }

    /// The mean of each window, for each channel by itself. Float dtypes; halves are computed in `f32`.
    ///
    /// ```
    /// use holotype::functional::Pool;
    /// use holotype::prelude::*;
    /// let images = Tensor::from([1.0_f32, 5.0, 2.0, 4.0]).reshape([1, 2, 2, 1]);
    /// assert_eq!(images.avg_pool(&Pool::new(2)).to_vec::<f32>()?, [3.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn avg_pool(&self, how: &Pool) -> Self {
        let location = Location::caller();
        if type_of(self).is_some_and(|own| !own.dtype.is_float()) {
            return not_float("avg_pool", self, location);
        }
        with_type("avg_pool", self, |own| {
            let (sizes, windows) = how.windows(&own)?;
            Ok(move |operands: &[Self]| {
                let sum = |x: &Self| x.reduce_window(Reducer::Sum, &sizes, &windows);
                let x = wide(&operands[0]);
                let whole = how.count_padding || how.padding == Padding::Valid;
                let count = if whole {
                    Self::scalar(sizes.iter().map(|&size| size as f64).product::<f64>())
                } else {
                    // The same for each item and channel.
                    let mut shape = x.shape().into_dims();
                    (shape[0], shape[how.layout.channels(own.rank())]) = (Dim::from(1), Dim::from(1));
                    sum(&Self::ones(shape))
                };
                (sum(&x) / count.cast(x.dtype())).cast(own.dtype)
            })
        })
    }

    /// The mean of each channel, over all of space, which goes: `[batch, channels]`. Float dtypes.
    ///
    /// ```
    /// use holotype::functional::Layout;
    /// use holotype::prelude::*;
    /// let means = Tensor::ones([2, 4, 4, 3]).global_avg_pool(Layout::ChannelsLast);
    /// assert_eq!(means.shape().to_string(), "[2, 3]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn global_avg_pool(&self, layout: Layout) -> Self {
        let location = Location::caller();
        if type_of(self).is_some_and(|own| !own.dtype.is_float()) {
            return not_float("global_avg_pool", self, location);
        }
        with_type("global_avg_pool", self, |own| {
            let space: Vec<_> = layout.spatial(&own)?.map(usize::cast_signed).collect();
            Ok(move |operands: &[Self]| operands[0].mean_axis(space))
        })
    }

    /// The greatest element of each channel, over all of space, which goes: `[batch, channels]`. Every dtype.
    #[track_caller]
    pub fn global_max_pool(&self, layout: Layout) -> Self {
        with_type("global_max_pool", self, |own| {
            let space: Vec<_> = layout.spatial(&own)?.map(usize::cast_signed).collect();
            Ok(move |operands: &[Self]| operands[0].max_axis(space))
        })
    }

    /// The means of as many windows as `counts` says, whatever the size of the image. Float dtypes.
    ///
    /// Window `i` of `n` along a dimension of size `size` reaches from `floor(i * size / n)` to before
    /// `ceil((i + 1) * size / n)`, as in `PyTorch`. Sizes may be symbolic.
    ///
    /// ```
    /// use holotype::functional::Layout;
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1.0_f32, 2.0, 3.0]).reshape([1, 3, 1]);
    /// let means = x.adaptive_avg_pool(2, Layout::ChannelsLast);
    /// assert_eq!(means.to_vec::<f32>()?, [1.5, 2.5]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn adaptive_avg_pool(&self, counts: impl Into<PerAxis>, layout: Layout) -> Self {
        let (location, counts) = (Location::caller(), counts.into());
        if type_of(self).is_some_and(|own| !own.dtype.is_float()) {
            return not_float("adaptive_avg_pool", self, location);
        }
        adaptive("adaptive_avg_pool", self, &counts, layout, |x, axis, windows| match windows {
            Windows::Even => x.mean_axis(axis + 1),
            Windows::Uneven { within, lengths } => {
                let weights = within.cast(DType::F64) / lengths.cast(DType::F64);
                x.weighted_along(axis.unsigned_abs(), &weights.cast(x.dtype()))
            }
        })
    }

    /// The greatest elements of as many windows as `counts` says; the windows are those of [`Tensor::adaptive_avg_pool`].
    /// Numeric dtypes.
    #[track_caller]
    pub fn adaptive_max_pool(&self, counts: impl Into<PerAxis>, layout: Layout) -> Self {
        adaptive("adaptive_max_pool", self, &counts.into(), layout, |x, axis, windows| match windows {
            Windows::Even => x.max_axis(axis + 1),
            Windows::Uneven { within, .. } => {
                // For each window a copy of the dimension, in which only what the window covers counts.
                let lowest = Self::zeros([0]).cast(x.dtype()).max();
                let axis = axis.unsigned_abs();
                let mut mask = vec![Dim::from(1); x.rank() + 1];
                (mask[axis], mask[axis + 1]) = (within.dim(0), within.dim(1));
                let mut copies = x.shape().into_dims();
                copies.insert(axis, Dim::from(1));
                within.reshape(mask).select(x.reshape(copies), lowest).max_axis(axis + 1)
            }
        })
    }

    /// With `weights` of `[new, old]`, the sums of the elements along a dimension with each row of weights.
    #[track_caller]
    pub(super) fn weighted_along(&self, axis: usize, weights: &Self) -> Self {
        let sums = self.dot_general(weights, (&[axis], &[1]), (&[], &[]));
        let last = sums.rank().saturating_sub(1);
        let mut order: Vec<_> = (0..last).map(usize::cast_signed).collect();
        order.insert(axis.min(last), last.cast_signed());
        sums.transpose(order)
    }
}

/// What windows that are spread evenly over a dimension cover.
enum Windows<'a> {
    /// The dimension falls into the windows, then what they cover.
    Even,
    /// For each window and index whether it is covered, and the number of those that are, `[windows, 1]`.
    Uneven { within: &'a Tensor, lengths: &'a Tensor },
}

#[track_caller]
fn adaptive(
    name: &str,
    x: &Tensor,
    counts: &PerAxis,
    layout: Layout,
    pool: impl Fn(&Tensor, isize, Windows) -> Tensor,
) -> Tensor {
    with_type(name, x, |own| {
        let spatial = layout.spatial(&own)?;
        let counts = counts.of(spatial.len(), "counts")?;
        for (axis, count) in spatial.clone().zip(&counts) {
            if *count == 0 {
                return Err(format!(
                    "of 0 windows along dimension {axis} there is nothing to tell: use 1 or more"
                ));
            }
            if own.shape[axis] == 0 {
                return Err(format!("dimension {axis} has size 0, and no elements for {count} windows"));
            }
        }
        Ok(move |operands: &[Tensor]| {
            let mut x = wide(&operands[0]);
            for (axis, count) in spatial.zip(counts) {
                let shape = x.shape();
                if let Some(size) = shape[axis].exact_div(&Dim::from(count)) {
                    let mut split = shape.into_dims();
                    split.splice(axis..=axis, [Dim::from(count), size]);
                    let pooled = pool(&x.reshape(split), axis.cast_signed(), Windows::Even);
                    x = unless_empty(name, &operands[0], axis, pooled);
                    continue;
                }
                let size = size_above_0(name, &operands[0], axis);
                let index = Tensor::arange(count).reshape([-1, 1]);
                let number = i64::try_from(count).unwrap_or(i64::MAX);
                let start = &index * &size / number;
                let end = ((index + 1_i64) * size + (number - 1)) / number;
                let along = Tensor::arange(shape[axis].clone());
                let within = along.greater_equal(&start).logical_and(along.less(&end));
                let windows = Windows::Uneven { within: &within, lengths: &(end - start) };
                x = pool(&x, axis.cast_signed(), windows);
            }
            x.cast(own.dtype)
        })
    })
}

/// Halves as `f32`, so that sums do not overflow; other dtypes as they are.
fn wide(x: &Tensor) -> Tensor {
    match x.dtype() {
        DType::F16 | DType::BF16 => x.cast(DType::F32),
        _ => x.clone(),
    }
}

/// The composition of `name` that `plan` makes for the type of the image; an error is one of `name` at the user's place.
#[track_caller]
pub(super) fn with_type<Body: FnOnce(&[Tensor]) -> Tensor>(
    name: &str,
    x: &Tensor,
    plan: impl FnOnce(TensorType) -> Result<Body, String>,
) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(x) else { return x.clone() };
    match plan(own) {
        Ok(body) => composition(name, &[x], body),
        Err(message) => Tensor::failed(name, &[x], message, location),
    }
}
