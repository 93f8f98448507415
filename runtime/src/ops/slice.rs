//! A part of a tensor: a range of indices along each dimension.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::places::Strided;
use super::unary::arity;
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply_one, check_failed, type_of};
use crate::op;
use crate::tensor::{Data, Dim, Shape, Sizes, Tensor, TensorType};

/// A range of indices along one dimension: `..`, `2..`, `..-1`, `1..5`, `..=3`, with numbers or symbolic sizes.
///
/// A negative number counts from the end.
pub trait SliceRange {
    /// The first index and the one after the last, for a dimension of this size.
    fn bounds(self, size: &Dim) -> (Dim, Dim);
}

/// The index a user wrote, from the first; `after` is added once negative numbers are counted from the end.
fn index(written: impl Into<Dim>, size: &Dim, after: i64) -> Dim {
    let written = written.into();
    let from_first = if written.constant().is_some_and(|index| index < 0) { size + written } else { written };
    from_first + after
}

impl SliceRange for RangeFull {
    fn bounds(self, size: &Dim) -> (Dim, Dim) {
        (Dim::from(0_i64), size.clone())
    }
}

impl<D: Into<Dim>> SliceRange for Range<D> {
    fn bounds(self, size: &Dim) -> (Dim, Dim) {
        (index(self.start, size, 0), index(self.end, size, 0))
    }
}

impl<D: Into<Dim>> SliceRange for RangeFrom<D> {
    fn bounds(self, size: &Dim) -> (Dim, Dim) {
        (index(self.start, size, 0), size.clone())
    }
}

impl<D: Into<Dim>> SliceRange for RangeTo<D> {
    fn bounds(self, size: &Dim) -> (Dim, Dim) {
        (Dim::from(0_i64), index(self.end, size, 0))
    }
}

impl<D: Into<Dim>> SliceRange for RangeToInclusive<D> {
    fn bounds(self, size: &Dim) -> (Dim, Dim) {
        (Dim::from(0_i64), index(self.end, size, 1))
    }
}

impl<D: Into<Dim>> SliceRange for RangeInclusive<D> {
    fn bounds(self, size: &Dim) -> (Dim, Dim) {
        let (start, end) = self.into_inner();
        (index(start, size, 0), index(end, size, 1))
    }
}

impl Tensor {
    /// The part along one dimension whose indices lie in a range: `x.slice_axis(-1, 1..)`. Every dtype.
    ///
    /// Negative indices count from the end; a range that leaves the dimension is an error, not cut off. Where a size is
    /// symbolic, what cannot be decided while tracing is checked in each call.
    /// ([StableHLO `slice`](https://openxla.org/stablehlo/spec#slice))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.slice_axis(1, 1..).to_vec::<i32>()?, [2, 3, 5, 6]);
    /// assert_eq!(x.slice_axis(0, -1..).shape().to_string(), "[1, 3]");
    /// assert!(x.slice_axis(1, ..4).error().is_some());
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn slice_axis(&self, axis: isize, range: impl SliceRange) -> Self {
        self.slice_axis_step(axis, range, 1)
    }

    /// Every `step`-th index of a range along one dimension, from its first on; otherwise as [`Tensor::slice_axis`].
    ///
    /// A step other than 1 over a symbolic number of indices is an error.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([0, 1, 2, 3, 4]);
    /// assert_eq!(x.slice_axis_step(0, .., 2).to_vec::<i32>()?, [0, 2, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn slice_axis_step(&self, axis: isize, range: impl SliceRange, step: usize) -> Self {
        self.slice_bounds(axis, Box::new(|size| range.bounds(size)), step, Location::caller())
    }

    fn slice_bounds(&self, axis: isize, bounds: Bounds<'_>, step: usize, location: Location) -> Self {
        let Some(own) = type_of(self) else { return self.clone() };
        let along = match super::axes::axis(axis, own.rank()) {
            Ok(along) => along,
            Err(message) => return Self::failed("slice", &[self], message, location),
        };
        let mut op = Slice {
            start: vec![Dim::from(0_i64); own.rank()],
            limit: own.shape.to_vec(),
            stride: vec![1; own.rank()],
        };
        let (start, limit) = bounds(&own.shape[along]);
        if step == 1 && start == 0 && limit == own.shape[along] {
            return self.clone();
        }
        (op.start[along], op.limit[along], op.stride[along]) = (start, limit, step);
        apply_one(Arc::new(op), &[self], &location)
    }

    /// The part with one index along a dimension, which goes: `x.index_axis(0, -1)` is the last row.
    ///
    /// Negative indices count from the end; an index that is out of range is an error. Every dtype.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.index_axis(0, -1).to_vec::<i32>()?, [4, 5, 6]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn index_axis(&self, axis: isize, index: impl Into<Dim>) -> Self {
        let (index, location) = (index.into(), Location::caller());
        let Some(own) = type_of(self) else { return self.clone() };
        let along = match super::axes::axis(axis, own.rank()) {
            Ok(along) => along,
            Err(message) => return Self::failed("index_axis", &[self], message, location),
        };
        if let (Some(at), Some(size)) = (index.constant(), own.shape[along].constant())
            && !(-size..size).contains(&at)
        {
            let expected =
                if size == 0 { "none, as it is empty".into() } else { format!("{} to {}", -size, size - 1) };
            let message = format!(
                "index {at} is out of range: dimension {along} has size {size}, and indices are {expected}"
            );
            return Self::failed("index_axis", &[self], message, location);
        }
        let part = self.slice_axis(axis, index.clone()..=index).failing_as(Slice::NAME, "index_axis");
        if part.error().is_some() {
            return part;
        }
        let mut dims = part.shape().into_dims();
        dims.remove(along);
        part.reshape(dims)
    }
}

/// What gives the first index and the one after the last, for a size.
type Bounds<'b> = Box<dyn FnOnce(&Dim) -> (Dim, Dim) + 'b>;

/// Every `stride`-th index from `start` to before `limit`, along each dimension.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Slice {
    /// For each dimension, the first index.
    pub start: Vec<Dim>,
    /// For each dimension, the index after the last.
    pub limit: Vec<Dim>,
    /// For each dimension, the distance from one index to the next; at least 1.
    pub stride: Vec<usize>,
}

/// The number of indices: the length divided by the stride and rounded up.
fn count(length: &Dim, stride: usize) -> Result<Dim, String> {
    if length.constant().is_some_and(|length| length < 0) {
        return Err(format!(
            "the range ends {} before it starts",
            length.constant().unwrap_or(0).unsigned_abs()
        ));
    }
    match (stride, length.as_usize()) {
        (0, _) => Err("a step of 0 is no distance between indices: use 1 or more".into()),
        (1, _) => Ok(length.clone()),
        (_, Some(length)) => Ok(Dim::from(length.div_ceil(stride))),
        (_, None) => Err(format!(
            "how many indices a step of {stride} finds in a range of length {length} cannot be told: \
             take a step along a range of known length, or reshape and take one of {stride} columns"
        )),
    }
}

impl Op for Slice {
    const NAME: &'static str = "slice";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        let rank = operand.rank();
        if self.start.len() != rank || self.limit.len() != rank || self.stride.len() != rank {
            return Err(format!("it takes a range for each dimension of {operand}"));
        }
        let mut shape = Vec::with_capacity(rank);
        for (axis, size) in operand.shape.iter().enumerate() {
            let (start, limit) = (&self.start[axis], &self.limit[axis]);
            let fail = |message: String| {
                format!("indices {start}..{limit} of dimension {axis}, whose size is {size}: {message}")
            };
            let negative = |dim: &Dim| dim.constant().is_some_and(|dim| dim < 0);
            let beyond = size.checked_sub(limit).ok_or("a size overflows")?;
            if negative(start) || negative(&beyond) {
                return Err(fail("they leave the dimension".into()));
            }
            let length = limit.checked_sub(start).ok_or("a size overflows")?;
            shape.push(count(&length, self.stride[axis]).map_err(fail)?);
        }
        Ok(vec![operand.with_shape(Shape::new(shape))])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        let mut ranges = Vec::new();
        for (axis, &size) in operand.sizes().iter().enumerate() {
            let (start, limit) = (self.start[axis].evaluate(sizes), self.limit[axis].evaluate(sizes));
            let range = start.zip(limit).filter(|(start, limit)| start <= limit && *limit <= size);
            ranges.push(range.ok_or_else(|| {
                let (start, limit) = (&self.start[axis], &self.limit[axis]);
                let known = sizes.iter().map(|(symbol, size)| format!(", {symbol} = {size}"));
                check_failed(format!(
                    "slice: indices {start}..{limit} leave dimension {axis} of {}{}",
                    operand.describe(),
                    known.collect::<String>()
                ))
            })?);
        }
        let mut part = Strided::whole(operand.sizes());
        for (axis, (start, limit)) in ranges.into_iter().enumerate() {
            part.slice(axis, start, (limit - start).div_ceil(self.stride[axis]), self.stride[axis]);
        }
        Ok(vec![part.read(operand)?])
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (shape, counts) = (operands[0].shape(), results[0].shape());
        let high = (0..shape.rank()).map(|axis| {
            let last = match (self.stride[axis], counts[axis].constant()) {
                (1, _) => self.limit[axis].clone(),
                (_, Some(0)) => self.start[axis].clone(),
                (stride, _) => &self.start[axis] + (&counts[axis] - 1) * stride + 1,
            };
            &shape[axis] - last
        });
        let interior: Vec<_> = self.stride.iter().map(|stride| stride.saturating_sub(1)).collect();
        let zero = Tensor::scalar(0.0_f32).cast(gradients[0].dtype());
        vec![Some(gradients[0].pad_interior(&self.start, &high.collect::<Vec<_>>(), &interior, zero))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Slice")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        let start: Option<Vec<_>> = self.start.iter().map(&mut *map).collect();
        let limit: Option<Vec<_>> = self.limit.iter().map(&mut *map).collect();
        Some(Self { start: start?, limit: limit?, stride: self.stride.clone() })
    }

    fn samples() -> Vec<Sample> {
        let of = |ranges: &[(i64, i64, usize)]| Self {
            start: ranges.iter().map(|range| Dim::from(range.0)).collect(),
            limit: ranges.iter().map(|range| Dim::from(range.1)).collect(),
            stride: ranges.iter().map(|range| range.2).collect(),
        };
        let x = Tensor::from([[1.5_f32, -2.0, 0.5, 4.0, 7.0], [3.0, 0.25, -1.0, 2.0, 6.0]]);
        vec![
            Sample::new(of(&[(1, 2, 1), (1, 4, 1)]), [x.clone()]),
            Sample::new(of(&[(0, 2, 1), (0, 5, 2)]), [x.clone()]),
            Sample::new(of(&[(0, 2, 2), (1, 5, 3)]), [x.cast(crate::tensor::DType::F64)]),
            Sample::new(of(&[(1, 1, 2), (0, 5, 1)]), [x]),
            Sample::new(of(&[(1, 3, 1)]), [Tensor::from([1_u16, 2, 3])]),
            Sample::new(of(&[(0, 0, 1), (0, 1, 1)]), [Tensor::from_vec([0, 2], Vec::<bool>::new())]),
            Sample::new(of(&[]), [Tensor::scalar(half::bf16::from_f32(2.0))]),
        ]
    }
}

op!(Slice);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Exact;
    use crate::tensor::{DType, Symbol};

    #[test]
    fn ranges_are_written_as_in_rust_and_count_from_the_end() {
        let x = Tensor::from([0_u8, 1, 2, 3, 4]);
        let part = |range: Tensor| range.to_vec::<u8>().unwrap();
        assert_eq!(part(x.slice_axis(0, 1..3)), [1, 2]);
        assert_eq!(part(x.slice_axis(-1, -2..)), [3, 4]);
        assert_eq!(part(x.slice_axis(0, ..-1_isize)), [0, 1, 2, 3]);
        assert_eq!(part(x.slice_axis(0, ..=-1)), [0, 1, 2, 3, 4]);
        assert_eq!(part(x.slice_axis(0, 2_usize..=2)), [2]);
        assert_eq!(part(x.slice_axis(0, 5..)), [0_u8; 0]);
        assert_eq!(part(x.slice_axis_step(0, 1.., 3)), [1, 4]);
        assert_eq!(part(x.slice_axis(0, ..)), [0, 1, 2, 3, 4]);
        assert_eq!(x.index_axis(0, -2).to_scalar::<u8>().unwrap(), 3);
    }

    #[test]
    fn a_range_that_leaves_the_dimension_is_refused() {
        let x = Tensor::from([0_u8, 1, 2]);
        for wrong in [
            x.slice_axis(0, 0..4),
            x.slice_axis(0, -4..),
            x.slice_axis(0, Dim::from(2)..Dim::from(1)),
            x.slice_axis_step(0, .., 0),
        ] {
            assert!(wrong.error().unwrap().to_string().contains("size is 3"));
        }
        assert!(x.slice_axis(1, ..).error().unwrap().to_string().contains("no dimension 1"));
        let error = |tensor: Tensor| tensor.error().unwrap().to_string();
        for wrong in [3, -4] {
            let error = error(x.index_axis(0, wrong));
            let words = format!("index_axis([3; u8]): index {wrong} is out of range: dimension 0 has size 3");
            assert!(error.starts_with(&words) && error.contains("indices are -3 to 2"), "{error}");
        }
        assert!(error(x.index_axis(1, 0)).starts_with("index_axis([3; u8]): "));
        assert!(error(Tensor::zeros([0]).index_axis(0, 0)).contains("indices are none, as it is empty"));
    }

    #[test]
    fn symbolic_sizes_stay_exact() {
        let n = Dim::symbol(Symbol::named("n"));
        let operand = TensorType::new(DType::F32, Shape::from([&n * 2 + 1]));
        let sliced = |start: Dim, limit: Dim, stride: usize| {
            let op = Slice { start: vec![start], limit: vec![limit], stride: vec![stride] };
            op.infer(std::slice::from_ref(&operand), &mut Exact).map(|types| types[0].shape[0].clone())
        };
        assert_eq!(sliced(Dim::from(1), &n * 2, 1), Ok(&n * 2 - 1));
        assert_eq!(sliced(n.clone(), &n + 3, 2), Ok(Dim::from(2)));
        assert!(sliced(Dim::from(0), n.clone(), 2).unwrap_err().contains("cannot be told"));
        assert!(sliced(Dim::from(0), &n * 2 + 2, 1).is_err());
        let op = Slice { start: vec![Dim::from(0)], limit: vec![n], stride: vec![1] };
        let error = op.kernel(
            &[Data::from(ndarray::ArrayD::<f32>::zeros(vec![3]))],
            &Sizes::from([(Symbol::named("n"), 4)]),
        );
        assert!(error.unwrap_err().to_string().contains("n = 4"));
    }
}
