//! The same elements in other arrangements.

use super::composition::own_error;
use crate::error::Location;
use crate::graph::{constrain, type_of};
use crate::ops::{Axes, axes, axis};
use crate::tensor::{Dim, Shape, Tensor};

impl Tensor {
    /// A new dimension of size 1 at this place of the result; a negative place counts from the end. Every dtype.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::zeros([2, 3]);
    /// assert_eq!(x.expand_dims(0).shape().to_string(), "[1, 2, 3]");
    /// assert_eq!(x.expand_dims(-1).shape().to_string(), "[2, 3, 1]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn expand_dims(&self, place: isize) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        match axis(place, own.rank() + 1) {
            Ok(place) => {
                let mut shape = own.shape.into_dims();
                shape.insert(place, Dim::from(1_i64));
                self.reshape(shape)
            }
            Err(message) => Self::failed("expand_dims", &[self], message, location),
        }
    }

    /// The tensor without some of its dimensions, which must have size 1; negative ones count from the last. Every dtype.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::zeros([1, 2, 1]).squeeze([0, -1]).shape().to_string(), "[2]");
    /// assert!(Tensor::zeros([1, 2]).squeeze(1).error().is_some());
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn squeeze(&self, along: impl Axes) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let gone: Result<Vec<usize>, String> = constrain(|constraints| {
            let gone = axes(&along.numbers(), own.rank())?;
            for &axis in &gone {
                let size = &own.shape[axis];
                constraints
                    .equal(size, &Dim::from(1_i64))
                    .map_err(|_| format!("dimension {axis} has size {size}, and only size 1 can go"))?;
            }
            Ok(gone)
        });
        match gone {
            Ok(gone) => {
                let kept = own.shape.iter().enumerate().filter(|(axis, _)| !gone.contains(axis));
                self.reshape(kept.map(|(_, size)| size.clone()).collect::<Shape>())
            }
            Err(message) => Self::failed("squeeze", &[self], message, location),
        }
    }

    /// All dimensions after the first as one: `[n, 28, 28]` becomes `[n, 784]`. Every dtype, rank 1 or more.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::zeros([2, 3, 4]).flatten().shape().to_string(), "[2, 12]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn flatten(&self) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let Some((first, rest)) = own.shape.split_first() else {
            let message = "a tensor without dimensions has no first one to keep: reshape it to [1]";
            return Self::failed("flatten", &[self], message, location);
        };
        match Shape::from(rest).elements() {
            Some(rest) => self.reshape([first.clone(), rest]),
            None => Self::failed("flatten", &[self], "the number of elements overflows", location),
        }
    }

    /// Tensors of one shape, put together along a new dimension at this place of the result; a negative place counts from
    /// the end. Every dtype, the same for all.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let (a, b) = (Tensor::from([1, 2]), Tensor::from([3, 4]));
    /// assert_eq!(Tensor::stack(&[&a, &b], 1).to_vec::<i32>()?, [1, 3, 2, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn stack(tensors: &[&Self], place: isize) -> Self {
        let location = Location::caller();
        if tensors.is_empty() {
            let message = "it takes at least one tensor: of none there is no dtype and no shape";
            return Self::failed("stack", &[], message, location);
        }
        let mut expanded = Vec::with_capacity(tensors.len());
        for tensor in tensors {
            expanded.push(tensor.expand_dims(place));
        }
        let stacked = Self::concatenate(&expanded.iter().collect::<Vec<_>>(), place);
        own_error("stack", tensors, stacked, &location)
    }

    /// Parts of equal size along a dimension, in order; a negative dimension counts from the last. Every dtype.
    ///
    /// The size must be divisible by the number of parts; otherwise each part carries the error, and of 0 parts, which hold no
    /// tensor of any size, there is one that carries it. For parts of other sizes see [`Tensor::split_sizes`].
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let parts = Tensor::from([1, 2, 3, 4]).split(2, 0);
    /// assert_eq!(parts[1].to_vec::<i32>()?, [3, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn split(&self, parts: usize, along: isize) -> Vec<Self> {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return vec![self.clone(); parts.max(1)] };
        let size = axis(along, own.rank()).and_then(|axis| {
            let size = &own.shape[axis];
            if parts == 0 {
                return Err(format!(
                    "dimension {axis} of size {size} cannot be split into 0 parts: use 1 or more"
                ));
            }
            size.exact_div(&Dim::from(parts)).ok_or_else(|| {
                format!("dimension {axis} of size {size} cannot be split into {parts} equal parts")
            })
        });
        let size = match size {
            Ok(size) => size,
            Err(message) => return vec![Self::failed("split", &[self], message, location); parts.max(1)],
        };
        let mut result = Vec::with_capacity(parts);
        for part in 0..parts {
            result.push(self.slice_axis(along, &size * part..&size * (part + 1)));
        }
        result
    }

    /// The whole tensor repeated, so often along each dimension. Every dtype.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1, 2]).tile(&[2]).to_vec::<i32>()?, [1, 2, 1, 2]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn tile(&self, times: &[usize]) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        if times.len() != own.rank() {
            let message = format!("{times:?} are not one number for each of {} dimensions", own.rank());
            return Self::failed("tile", &[self], message, location);
        }
        let (mut apart, mut repeated, mut whole) = (Vec::new(), Vec::new(), Vec::new());
        for (size, &times) in own.shape.iter().zip(times) {
            apart.extend([Dim::from(1_i64), size.clone()]);
            repeated.extend([Dim::from(times), size.clone()]);
            whole.push(size * times);
        }
        self.reshape(apart).broadcast_to(repeated).failing_as("broadcast_to", "tile").reshape(whole)
    }

    /// Each slice along a dimension repeated so often before the next; a negative dimension counts from the last. Every
    /// dtype.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1, 2]).repeat(2, 0).to_vec::<i32>()?, [1, 1, 2, 2]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn repeat(&self, times: usize, along: isize) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let axis = match axis(along, own.rank()) {
            Ok(axis) => axis,
            Err(message) => return Self::failed("repeat", &[self], message, location),
        };
        let (mut apart, mut whole) = (own.shape.to_vec(), own.shape.to_vec());
        apart.insert(axis + 1, Dim::from(1_i64));
        let mut repeated = apart.clone();
        repeated[axis + 1] = Dim::from(times);
        whole[axis] = &whole[axis] * times;
        self.reshape(apart).broadcast_to(repeated).failing_as("broadcast_to", "repeat").reshape(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(tensor: &Tensor) -> Vec<usize> {
        tensor.clone().ok().unwrap().shape().concrete().unwrap()
    }

    #[test]
    fn dimensions_come_and_go() {
        let x = Tensor::zeros([2, 1, 3]);
        assert_eq!(shape(&x.expand_dims(-2)), [2, 1, 1, 3]);
        assert_eq!(shape(&x.squeeze(-2)), [2, 3]);
        assert_eq!(shape(&Tensor::scalar(1_u8).expand_dims(0)), [1]);
        assert_eq!(shape(&Tensor::zeros([0, 2, 3]).flatten()), [0, 6]);
        assert_eq!(shape(&Tensor::zeros([4]).flatten()), [4, 1]);
        assert!(x.expand_dims(4).error().is_some());
        let error = x.squeeze([0, 1]).error().unwrap().to_string();
        assert!(error.contains("dimension 0 has size 2"), "{error}");
        assert!(Tensor::scalar(1_u8).flatten().error().is_some());
    }

    #[test]
    fn stack_and_split_undo_each_other() {
        let (a, b) = (Tensor::from([[1_i8, 2]]), Tensor::from([[3_i8, 4]]));
        for place in [0, 1, 2, -1] {
            let stacked = Tensor::stack(&[&a, &b], place);
            let parts = stacked.split(2, place);
            assert_eq!(parts[1].squeeze(place).to_vec::<i8>().unwrap(), [3, 4]);
        }
        assert!(Tensor::stack(&[], 0).error().is_some());
        assert!(Tensor::stack(&[&a, &Tensor::from([1_i8])], 0).error().is_some());
        let error = a.split(3, 1)[2].error().unwrap().to_string();
        assert!(error.contains("size 2 cannot be split into 3"), "{error}");
        for none in [a.split(0, 1), Tensor::zeros([0]).split(0, 0), a.split(2, 3)[0].split(0, 0)] {
            assert_eq!(none.len(), 1);
            assert!(none[0].error().unwrap().to_string().starts_with("split("));
        }
        assert!(
            a.split(0, 1)[0].error().unwrap().to_string().contains("size 2 cannot be split into 0 parts")
        );
        let error = |stacked: Tensor| stacked.error().unwrap().to_string();
        assert!(error(Tensor::stack(&[], 0)).starts_with("stack(): it takes at least one tensor"));
        assert!(error(Tensor::stack(&[&a], 3)).starts_with("stack([1, 2; i8]): expand_dims([1, 2; i8]): "));
        assert!(
            error(Tensor::stack(&[&a, &a.t()], 0)).starts_with("stack([1, 2; i8], [2, 1; i8]): concatenate(")
        );
        assert_eq!(shape(&Tensor::zeros([0, 2]).split(3, 0)[2]), [0, 2]);
    }

    #[test]
    fn repetition_is_by_the_whole_or_by_the_slice() {
        let x = Tensor::from([[1_u8, 2], [3, 4]]);
        assert_eq!(x.tile(&[1, 2]).to_vec::<u8>().unwrap(), [1, 2, 1, 2, 3, 4, 3, 4]);
        assert_eq!(x.tile(&[2, 1]).to_vec::<u8>().unwrap(), [1, 2, 3, 4, 1, 2, 3, 4]);
        assert_eq!(x.repeat(2, -1).to_vec::<u8>().unwrap(), [1, 1, 2, 2, 3, 3, 4, 4]);
        assert_eq!(x.repeat(2, 0).to_vec::<u8>().unwrap(), [1, 2, 1, 2, 3, 4, 3, 4]);
        assert_eq!(shape(&x.tile(&[0, 3])), [0, 6]);
        assert_eq!(shape(&x.repeat(0, 1)), [2, 0]);
        assert_eq!(shape(&x.tile(&[1, 1])), [2, 2]);
        assert!(x.tile(&[1]).error().is_some());
    }
}
