//! A part of a tensor that starts where other tensors say, and its replacement.

use serde::{Deserialize, Serialize};

use super::axes::axis;
use super::index_dimensions::integers;
use super::operand::Operand;
use super::places::{Strided, with};
use super::unary::require;
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{DType, Data, Dim, Shape, Sizes, Tensor, TensorType};

impl Tensor {
    /// The part of a tensor with these sizes that starts at these indices, one tensor without dimensions for each
    /// dimension, of an integer dtype.
    ///
    /// A part that would leave the tensor is moved to the nearest place within. Every dtype.
    /// ([StableHLO `dynamic_slice`](https://openxla.org/stablehlo/spec#dynamic_slice))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// let start = [Tensor::scalar(1), Tensor::scalar(9)];
    /// assert_eq!(x.dynamic_slice(&start, [1, 2]).to_vec::<i32>()?, [5, 6]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn dynamic_slice(&self, start_indices: &[Self], slice_sizes: impl Into<Shape>) -> Self {
        let operands: Vec<_> = std::iter::once(self).chain(start_indices).collect();
        apply(DynamicSlice { slice_sizes: slice_sizes.into() }, &operands)
    }

    /// `size` indices along one dimension, from one that a tensor says; otherwise as [`Tensor::dynamic_slice`].
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1, 2, 3, 4]);
    /// assert_eq!(x.dynamic_slice_axis(0, Tensor::scalar(1), 2).to_vec::<i32>()?, [2, 3]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn dynamic_slice_axis(&self, along: isize, start: impl Operand, size: impl Into<Dim>) -> Self {
        let (location, start) = (Location::caller(), index(start));
        let Some(own) = type_of(self) else { return self.clone() };
        match axis(along, own.rank()) {
            Ok(axis) => {
                let mut sizes = own.shape.to_vec();
                sizes[axis] = size.into();
                self.dynamic_slice(&from(&start, axis, own.rank()), sizes)
            }
            Err(message) => Self::failed(DynamicSlice::NAME, &[self, &start], message, location),
        }
    }

    /// The part with one index, which a tensor says, along a dimension, which goes: `x.dynamic_index_axis(0, &i)` is row
    /// `i`. Otherwise as [`Tensor::dynamic_slice`].
    #[track_caller]
    pub fn dynamic_index_axis(&self, along: isize, at: impl Operand) -> Self {
        let part = self.dynamic_slice_axis(along, at, 1_i64);
        let Ok(axis) = axis(along, part.rank()) else { return part };
        let mut dims = part.shape().into_dims();
        dims.remove(axis);
        part.reshape(dims)
    }

    /// The tensor with a part replaced, which starts at these indices: as [`Tensor::dynamic_slice`] reads it.
    /// ([StableHLO `dynamic_update_slice`](https://openxla.org/stablehlo/spec#dynamic_update_slice))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let (x, part) = (Tensor::from([1, 2, 3]), Tensor::from([8, 9]));
    /// assert_eq!(x.dynamic_update_slice(&part, &[Tensor::scalar(7)]).to_vec::<i32>()?, [1, 8, 9]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn dynamic_update_slice(&self, update: impl Operand, start_indices: &[Self]) -> Self {
        let update = update.to_tensor(self);
        let operands: Vec<_> = [self, &update].into_iter().chain(start_indices).collect();
        apply(DynamicUpdateSlice, &operands)
    }

    /// The tensor with indices along one dimension replaced, from one that a tensor says; otherwise as
    /// [`Tensor::dynamic_update_slice`].
    #[track_caller]
    pub fn dynamic_update_slice_axis(&self, update: impl Operand, along: isize, start: impl Operand) -> Self {
        let (location, start, update) = (Location::caller(), index(start), update.to_tensor(self));
        let Some(own) = type_of(self) else { return self.clone() };
        match axis(along, own.rank()) {
            Ok(axis) => self.dynamic_update_slice(update, &from(&start, axis, own.rank())),
            Err(message) => Self::failed(DynamicUpdateSlice::NAME, &[self, &start], message, location),
        }
    }

    /// The tensor with one index along a dimension, which the update lacks, replaced: `x.dynamic_update_index_axis(&row,
    /// 0, &i)`. Otherwise as [`Tensor::dynamic_update_slice`].
    #[track_caller]
    pub fn dynamic_update_index_axis(&self, update: impl Operand, along: isize, at: impl Operand) -> Self {
        let location = Location::caller();
        let update = update.to_tensor(self);
        let Some(own) = type_of(self) else { return self.clone() };
        match axis(along, own.rank()) {
            Ok(axis) => self.dynamic_update_slice_axis(update.expand_dims(axis.cast_signed()), along, at),
            Err(message) => Self::failed(DynamicUpdateSlice::NAME, &[self, &update], message, location),
        }
    }
}

/// An index: a number is an `i64`.
#[track_caller]
fn index(start: impl Operand) -> Tensor {
    start.to_tensor(&Tensor::scalar(0_i64))
}

/// Indices that are 0 but along one dimension.
fn from(start: &Tensor, axis: usize, rank: usize) -> Vec<Tensor> {
    let place = |other: usize| if other == axis { start.clone() } else { Tensor::scalar(0_i64) };
    (0..rank).map(place).collect()
}

/// Whether the indices are single integers, one for each dimension.
fn check_indices(operand: &TensorType, indices: &[TensorType]) -> Result<(), String> {
    if indices.len() != operand.rank() {
        return Err(format!("it takes an index for each dimension of {operand}, not {}", indices.len()));
    }
    for index in indices {
        require(index.dtype, DType::is_int, "integer index")?;
        if index.rank() != 0 {
            return Err(format!("an index is one integer, not {index}"));
        }
    }
    Ok(())
}

/// Whether a part of these sizes lies in the operand.
fn check_sizes(operand: &TensorType, sizes: &Shape) -> Result<(), String> {
    if sizes.rank() != operand.rank() {
        return Err(format!("it takes a size for each dimension of {operand}, not {sizes}"));
    }
    for (axis, (size, whole)) in sizes.iter().zip(operand.shape.iter()).enumerate() {
        let rest = whole.checked_sub(size).ok_or("a size overflows")?;
        if [size, &rest].iter().any(|size| size.constant().is_some_and(|size| size < 0)) {
            return Err(format!("a part of size {size} does not fit in dimension {axis} of {operand}"));
        }
    }
    Ok(())
}

/// Where the part of these sizes lies, moved to lie within.
fn within(operand: &Data, indices: &[Data], part: &[usize]) -> Result<Strided> {
    let mut within = Strided::whole(operand.sizes());
    for (axis, ((index, &size), &whole)) in indices.iter().zip(part).zip(operand.sizes()).enumerate() {
        let last = whole.checked_sub(size).ok_or_else(|| {
            check_failed(format!("a part of sizes {part:?} does not fit in {}", operand.describe()))
        })?;
        let start = integers(index)?.first().map_or(0, |&start| start.clamp(0, last as i128));
        within.slice(axis, start as usize, size, 1);
    }
    Ok(within)
}

/// The part of the first operand that starts where the others say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DynamicSlice {
    /// The size of the part along each dimension.
    pub slice_sizes: Shape,
}

impl Op for DynamicSlice {
    const NAME: &'static str = "dynamic_slice";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand, indices @ ..] = operands else { return Err("it takes a tensor and indices".into()) };
        check_indices(operand, indices)?;
        check_sizes(operand, &self.slice_sizes)?;
        Ok(vec![operand.with_shape(self.slice_sizes.clone())])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand, indices @ ..] = operands else {
            return Err(check_failed("it takes a tensor and indices"));
        };
        let part = self.slice_sizes.evaluate(sizes);
        let part = part.ok_or_else(|| check_failed("dynamic_slice: a size of the part is not known"))?;
        Ok(vec![within(operand, indices, &part)?.read(operand)?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let back = operands[0].zeros_like().dynamic_update_slice(&gradients[0], &operands[1..]);
        std::iter::once(Some(back)).chain(operands[1..].iter().map(|_| None)).collect()
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Slice")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        let slice_sizes: Option<Shape> = self.slice_sizes.iter().map(map).collect();
        Some(Self { slice_sizes: slice_sizes? })
    }

    fn samples() -> Vec<Sample> {
        let of = |sizes: &[i64]| Self { slice_sizes: Shape::from(sizes) };
        let x = Tensor::from([[1.5_f32, -2.0, 0.25], [-3.0, 4.0, 7.5]]);
        let at = |index: i64| Tensor::scalar(index);
        vec![
            Sample::new(of(&[1, 2]), [x.clone(), at(1), at(1)]),
            Sample::new(of(&[2, 2]), [x.clone(), at(-7), Tensor::scalar(u64::MAX)]),
            Sample::new(of(&[0, 3]), [x, at(1), at(0)]),
            Sample::new(of(&[2]), [Tensor::from([true, false, true]), Tensor::scalar(1_u8)]),
            Sample::new(of(&[]), [Tensor::scalar(3_i32)]),
            Sample::new(of(&[0, 1]), [Tensor::from_vec([0, 2], Vec::<half::f16>::new()), at(0), at(1)]),
        ]
    }
}

op!(DynamicSlice);

/// The first operand with the second in place of a part that starts where the others say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DynamicUpdateSlice;

impl Op for DynamicUpdateSlice {
    const NAME: &'static str = "dynamic_update_slice";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand, update, indices @ ..] = operands else {
            return Err("it takes a tensor, an update and indices".into());
        };
        if operand.dtype != update.dtype {
            return Err(format!("the dtypes {} and {} differ: convert one", operand.dtype, update.dtype));
        }
        check_indices(operand, indices)?;
        check_sizes(operand, &update.shape)?;
        Ok(vec![operand.clone()])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand, update, indices @ ..] = operands else {
            return Err(check_failed("it takes a tensor, an update and indices"));
        };
        let part = within(operand, indices, update.sizes())?;
        Ok(vec![with(operand, part.places(), update)?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (gradient, update, indices) = (&gradients[0], &operands[1], &operands[2..]);
        let kept = gradient.dynamic_update_slice(update.zeros_like(), indices);
        let part = gradient.dynamic_slice(indices, update.shape());
        [Some(kept), Some(part)].into_iter().chain(indices.iter().map(|_| None)).collect()
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("ScatterND")
    }

    fn samples() -> Vec<Sample> {
        let x = Tensor::from([[1.5_f32, -2.0, 0.25], [-3.0, 4.0, 7.5]]);
        let at = |index: i64| Tensor::scalar(index);
        let part = |part: [[f32; 2]; 1]| Tensor::from(part);
        vec![
            Sample::new(Self, [x.clone(), part([[0.5, 2.5]]), at(1), at(0)]),
            Sample::new(Self, [x.clone(), part([[9.0, -1.0]]), at(-7), Tensor::scalar(u64::MAX)]),
            Sample::new(Self, [x.clone(), x, at(1), at(0)]),
            Sample::new(Self, [Tensor::from([true, false]), Tensor::from([false]), Tensor::scalar(0_i8)]),
            Sample::new(Self, [Tensor::scalar(3_i32), Tensor::scalar(4_i32)]),
            Sample::new(
                Self,
                [
                    Tensor::from_vec([0, 2], Vec::<half::f16>::new()),
                    Tensor::from_vec([0, 1], Vec::<half::f16>::new()),
                    at(0),
                    at(1),
                ],
            ),
        ]
    }
}

op!(DynamicUpdateSlice);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn along_one_dimension() {
        let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
        let i = Tensor::scalar(1_i64);
        assert_eq!(x.dynamic_index_axis(0, &i).to_vec::<i32>().unwrap(), [4, 5, 6]);
        assert_eq!(x.dynamic_slice_axis(-1, 5, 2).to_vec::<i32>().unwrap(), [2, 3, 5, 6]);
        let column = Tensor::from([8, 9]);
        let updated = x.dynamic_update_index_axis(&column, 1, &i);
        assert_eq!(updated.to_vec::<i32>().unwrap(), [1, 8, 3, 4, 9, 6]);
        let updated = x.dynamic_update_slice_axis(Tensor::from([[7, 7, 7]]), 0, -3);
        assert_eq!(updated.to_vec::<i32>().unwrap(), [7, 7, 7, 4, 5, 6]);
        assert!(x.dynamic_index_axis(2, 0).error().unwrap().to_string().contains("no dimension 2"));
    }

    #[test]
    fn parts_and_indices_that_do_not_fit_are_refused() {
        let x = Tensor::from([1.0_f32, 2.0]);
        let error = |start: Tensor, size: i64| x.dynamic_slice(&[start], [size]).error().unwrap().to_string();
        assert!(error(Tensor::scalar(0), 3).contains("size 3 does not fit"));
        assert!(error(Tensor::scalar(0.0_f32), 1).contains("integer index"));
        assert!(error(Tensor::from([0]), 1).contains("one integer"));
        assert!(x.dynamic_slice(&[], [1]).error().unwrap().to_string().contains("an index for each"));
        let update = x.dynamic_update_slice(Tensor::from([1]), &[Tensor::scalar(0)]);
        assert!(update.error().unwrap().to_string().contains("f32 and i32"));
    }
}
