//! Padding with what the tensor itself holds.

use super::composition::size_above_0;
use crate::error::Location;
use crate::graph::type_of;
use crate::tensor::{DType, Dim, Shape, Tensor};

/// What goes before and after the elements `a b c` along a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PadMode {
    /// The nearest element: `a a | a b c | c c`.
    Edge,
    /// The elements backwards, without the one at the edge: `c b | a b c | b a`.
    Reflect,
    /// The elements backwards, with the one at the edge: `b a | a b c | c b`.
    Symmetric,
    /// The elements again: `b c | a b c | a b`.
    Wrap,
}

impl Tensor {
    /// The tensor with its own elements before and after it along each dimension, as NumPy's `pad`. Every dtype.
    ///
    /// Widths that are larger than the dimension go on to and fro, or round and round. A dimension of size 0 cannot be
    /// padded so. For a constant value see [`Tensor::pad`].
    ///
    /// ```
    /// use holotype::functional::PadMode;
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1, 2, 3]);
    /// assert_eq!(x.pad_mode(&[(2, 1)], PadMode::Edge).to_vec::<i32>()?, [1, 1, 1, 2, 3, 3]);
    /// assert_eq!(x.pad_mode(&[(2, 1)], PadMode::Reflect).to_vec::<i32>()?, [3, 2, 1, 2, 3, 2]);
    /// assert_eq!(x.pad_mode(&[(2, 1)], PadMode::Symmetric).to_vec::<i32>()?, [2, 1, 1, 2, 3, 3]);
    /// assert_eq!(x.pad_mode(&[(2, 1)], PadMode::Wrap).to_vec::<i32>()?, [2, 3, 1, 2, 3, 1]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn pad_mode(&self, widths: &[(usize, usize)], mode: PadMode) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        if widths.len() != own.rank() {
            let message = format!("{widths:?} are not two widths for each of {} dimensions", own.rank());
            return Self::failed("pad_mode", &[self], message, location);
        }
        let mut result = self.clone();
        for (axis, &(low, high)) in widths.iter().enumerate() {
            if (low, high) == (0, 0) {
                continue;
            }
            let size = &own.shape[axis];
            if *size == 0 {
                let message = format!("dimension {axis} has size 0, and no elements to pad with");
                return Self::failed("pad_mode", &[self], message, location);
            }
            result = result.take(
                places(size, &size_above_0("pad_mode", self, axis), low, high, mode),
                axis.cast_signed(),
            );
        }
        result
    }
}

/// For each place of the padded dimension, the place in the dimension, of size `n`, that the element comes from.
#[track_caller]
fn places(size: &Dim, n: &Tensor, low: usize, high: usize, mode: PadMode) -> Tensor {
    let whole = size + low + high;
    let from_first = Tensor::iota(DType::I64, Shape::from([whole]), 0) - low;
    match mode {
        PadMode::Edge => from_first.clip(0, n - 1),
        PadMode::Wrap => modulo(&from_first, n),
        PadMode::Symmetric => {
            let place = modulo(&from_first, &(n * 2));
            place.greater_equal(n).select(n * 2 - 1 - &place, &place)
        }
        PadMode::Reflect => {
            // Of one element, to and fro is that element.
            let period = ((n - 1) * 2).maximum(1);
            let place = modulo(&from_first, &period);
            place.greater_equal(n).select(period - &place, &place)
        }
    }
}

/// The remainder that is not negative.
#[track_caller]
fn modulo(x: &Tensor, divisor: &Tensor) -> Tensor {
    (x.remainder(divisor) + divisor).remainder(divisor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_borders_go_on_and_on() {
        let x = Tensor::from([1_u8, 2, 3]);
        let pad = |mode| x.pad_mode(&[(7, 6)], mode).to_vec::<u8>().unwrap();
        assert_eq!(pad(PadMode::Edge), [1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3, 3]);
        assert_eq!(pad(PadMode::Reflect), [2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1]);
        assert_eq!(pad(PadMode::Symmetric), [1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1, 2, 3]);
        assert_eq!(pad(PadMode::Wrap), [3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
    }

    #[test]
    fn one_element_is_its_own_border_and_none_has_none() {
        for mode in [PadMode::Edge, PadMode::Reflect, PadMode::Symmetric, PadMode::Wrap] {
            let one = Tensor::from([[true]]).pad_mode(&[(1, 2), (0, 0)], mode);
            assert_eq!(one.to_vec::<bool>().unwrap(), [true; 4]);
            let empty = Tensor::zeros([0, 2]);
            assert_eq!(empty.pad_mode(&[(0, 0), (1, 0)], mode).shape().concrete(), Some(vec![0, 3]));
            let error = empty.pad_mode(&[(1, 0), (0, 0)], mode).error().unwrap().to_string();
            assert!(error.contains("dimension 0 has size 0") && error.contains("borders.rs"), "{error}");
            assert!(empty.pad_mode(&[(0, 0)], mode).error().is_some());
        }
    }
}
