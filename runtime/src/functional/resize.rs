//! Images of other sizes.

use serde::{Deserialize, Serialize};

use super::composition::{not_float, size_above_0, unless_empty};
use super::layout::Layout;
use super::pooling::with_type;
use crate::error::Location;
use crate::graph::type_of;
use crate::tensor::{DType, Dim, Tensor};

/// How what is between the elements of an image is told from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// The nearest element.
    #[default]
    Nearest,
    /// On a straight line between neighbours; of images, bilinear.
    Linear,
    /// On a cubic curve through 4 neighbours, with `a = -1/2`; of images, bicubic (Keys, "Cubic convolution interpolation
    /// for digital image processing", IEEE Transactions on Acoustics, Speech, and Signal Processing 29, 1981).
    Cubic,
}

/// The size and the way of [`Tensor::resize`]: `Resize::new([64, 64]).interpolation(Interpolation::Linear)`.
///
/// At first the nearest element, with elements as squares whose centres count, over images with channels last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resize {
    sizes: Vec<Dim>,
    interpolation: Interpolation,
    align_corners: bool,
    layout: Layout,
}

impl Resize {
    /// To these sizes of the spatial dimensions, which may be symbolic.
    pub fn new<D: Into<Dim>>(sizes: impl IntoIterator<Item = D>) -> Self {
        Self {
            sizes: sizes.into_iter().map(Into::into).collect(),
            interpolation: Interpolation::default(),
            align_corners: false,
            layout: Layout::default(),
        }
    }

    /// How what is between elements is told.
    pub fn interpolation(self, interpolation: Interpolation) -> Self {
        Self { interpolation, ..self }
    }

    /// Whether the outermost elements stay where they are. Otherwise elements are squares and the edges of the outermost
    /// squares stay, as in TensorFlow 2 and JAX.
    pub fn align_corners(self, align_corners: bool) -> Self {
        Self { align_corners, ..self }
    }

    /// Where the channels are.
    pub fn layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// For each new index of a dimension, the index of the nearest old one. The exact middle between two goes up.
    #[track_caller]
    fn nearest(&self, old: &Tensor, new: &Dim) -> Tensor {
        let (index, new) = (Tensor::arange(new), Tensor::size(new));
        if self.align_corners {
            let steps = (new - 1_i64).maximum(1_i64);
            return (index * (old - 1_i64) * 2_i64 + &steps) / (steps * 2_i64);
        }
        (index * 2_i64 + 1_i64) * old / (new * 2_i64)
    }

    /// The weights of the `old` elements, which lie at `places`, in each new one, `[new, old]`, in `f64`; outside of the image
    /// there is nothing.
    #[track_caller]
    fn weights(&self, places: &Dim, old: &Tensor, new: &Dim) -> Tensor {
        let places = Tensor::arange(places).cast(DType::F64);
        let (index, new) = (Tensor::arange(new).reshape([-1, 1]), Tensor::size(new));
        let double = |x: Tensor| x.cast(DType::F64);
        let at = if self.align_corners {
            double(index * (old - 1_i64)) / double((new - 1_i64).maximum(1_i64))
        } else {
            double((index * 2_i64 + 1_i64) * old) / double(new * 2_i64) - 0.5
        };
        let distance = (at - places).abs();
        let weights = match self.interpolation {
            Interpolation::Cubic => {
                let near = (&distance * 1.5 - 2.5) * &distance * &distance + 1.0;
                let far = ((&distance * -0.5 + 2.5) * &distance - 4.0) * &distance + 2.0;
                let outer = distance.less(2.0).select(far, 0.0);
                distance.less_equal(1.0).select(near, outer)
            }
            _ => (1.0 - distance).maximum(0.0),
        };
        let sum = weights.sum_axis_keepdims(1);
        weights / sum
    }
}

impl Tensor {
    /// The line, image or volume in another size.
    ///
    /// Every dtype for the nearest element, float dtypes otherwise; halves are computed in `f32`. There is no smoothing
    /// before an image is made smaller. Sizes may be symbolic.
    ///
    /// ```
    /// use holotype::functional::{Interpolation, Resize};
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1.0_f32, 3.0]).reshape([1, 2, 1]);
    /// let doubled = x.resize(&Resize::new([4]).interpolation(Interpolation::Linear));
    /// assert_eq!(doubled.to_vec::<f32>()?, [1.0, 1.5, 2.5, 3.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn resize(&self, how: &Resize) -> Self {
        let location = Location::caller();
        let name = match how.interpolation {
            Interpolation::Nearest => "resize_nearest",
            Interpolation::Linear => "resize_linear",
            Interpolation::Cubic => "resize_cubic",
        };
        let nearest = how.interpolation == Interpolation::Nearest;
        if !nearest && type_of(self).is_some_and(|own| !own.dtype.is_float()) {
            return not_float(name, self, location);
        }
        with_type(name, self, |own| {
            let spatial = how.layout.spatial(&own)?;
            if how.sizes.len() != spatial.len() {
                return Err(format!(
                    "{own} has {} spatial dimensions, not {}",
                    spatial.len(),
                    how.sizes.len()
                ));
            }
            if let Some(axis) = spatial.clone().find(|&axis| own.shape[axis] == 0) {
                return Err(format!("dimension {axis} has size 0, and no elements to tell others from"));
            }
            Ok(move |operands: &[Self]| {
                let dtype = match own.dtype {
                    dtype if nearest || dtype == DType::F64 => dtype,
                    _ => DType::F32,
                };
                let resized = spatial.zip(&how.sizes).fold(operands[0].cast(dtype), |x, (axis, new)| {
                    let old = &own.shape[axis];
                    if old == new {
                        return unless_empty(name, &operands[0], axis, x);
                    }
                    let size = size_above_0(name, &operands[0], axis);
                    if nearest {
                        x.take(how.nearest(&size, new), axis.cast_signed())
                    } else {
                        x.weighted_along(axis, &how.weights(old, &size, new).cast(dtype))
                    }
                });
                resized.cast(own.dtype)
            })
        })
    }
}
