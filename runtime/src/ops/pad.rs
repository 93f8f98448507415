//! A value around and between the elements of a tensor.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::operand::Operand;
use super::places::{Strided, filled, put};
use super::unary::arity;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{Data, Dim, Shape, Sizes, Tensor, TensorType};

impl Tensor {
    /// The tensor with a value before and after its elements along each dimension: `x.pad(&[(1, 1), (0, 2)], 0.0)`.
    ///
    /// A negative width takes elements away. `value` has no dimensions. Every dtype.
    /// ([StableHLO `pad`](https://openxla.org/stablehlo/spec#pad))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1, 2, 3]);
    /// assert_eq!(x.pad(&[(2, -1)], 9).to_vec::<i32>()?, [9, 9, 1, 2]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn pad<D: Into<Dim> + Clone>(&self, widths: &[(D, D)], value: impl Operand) -> Self {
        let low = widths.iter().map(|(low, _)| low.clone().into()).collect();
        let high = widths.iter().map(|(_, high)| high.clone().into()).collect();
        apply(Pad { low, high, interior: vec![0; widths.len()] }, &[self, &value.to_tensor(self)])
    }

    /// As [`Tensor::pad`], also with the value `interior` times between neighbours along each dimension.
    ///
    /// `interior` is 0 where a size is symbolic.
    #[track_caller]
    pub fn pad_interior(&self, low: &[Dim], high: &[Dim], interior: &[usize], value: impl Operand) -> Self {
        let op = Pad { low: low.to_vec(), high: high.to_vec(), interior: interior.to_vec() };
        apply(op, &[self, &value.to_tensor(self)])
    }
}

/// The operand with a padding value around and between its elements.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pad {
    /// For each dimension, how often the value stands before the first element; negative takes elements away.
    pub low: Vec<Dim>,
    /// For each dimension, how often the value stands after the last element; negative takes elements away.
    pub high: Vec<Dim>,
    /// For each dimension, how often the value stands between neighbours.
    pub interior: Vec<usize>,
}

/// The size of a dimension with the value between its elements.
fn spread(size: &Dim, interior: usize) -> Result<Dim, String> {
    match (interior, size.as_usize()) {
        (0, _) | (_, Some(0)) => Ok(size.clone()),
        (_, Some(known)) => {
            let between = (known - 1).checked_mul(interior).and_then(|between| between.checked_add(known));
            between.map(Dim::from).ok_or_else(|| "a size overflows".into())
        }
        (_, None) => Err(format!("nothing goes between the elements of a dimension of symbolic size {size}")),
    }
}

/// A width, which may be negative, when the symbols have these values.
fn width(dim: &Dim, sizes: &Sizes) -> Option<isize> {
    let negated = || Dim::from(0_i64).checked_sub(dim)?.evaluate(sizes)?.try_into().ok();
    match dim.evaluate(sizes) {
        Some(width) => width.try_into().ok(),
        None => negated().and_then(isize::checked_neg),
    }
}

impl Pad {
    fn padded(&self, operand: &Data, value: &Data, sizes: &Sizes) -> Result<Data> {
        let unknown = || check_failed("pad: a width is not known, or a size overflows");
        let mut kept = Strided::whole(operand.sizes());
        let mut target = Vec::with_capacity(operand.sizes().len());
        // For each dimension, where the elements that stay go: the first, how many, and how far apart.
        let mut places = Vec::with_capacity(operand.sizes().len());
        for (axis, &size) in operand.sizes().iter().enumerate() {
            let (size, step) = (size.cast_signed(), self.interior[axis].cast_signed() + 1);
            let low = width(&self.low[axis], sizes).ok_or_else(unknown)?;
            let high = width(&self.high[axis], sizes).ok_or_else(unknown)?;
            let spread =
                if size == 0 { Some(0) } else { (size - 1).checked_mul(step).and_then(|s| s.checked_add(1)) };
            let total = spread.and_then(|spread| spread.checked_add(low)?.checked_add(high));
            let total = total.filter(|&total| total >= 0).ok_or_else(|| {
                check_failed(format!(
                    "pad: dimension {axis} of {} has no {low} + {high} more",
                    operand.describe()
                ))
            })?;
            // Element `i` goes to `low + i * step`; those from `first` to before `last` lie within the result.
            let first = if low < 0 { (-low + step - 1) / step } else { 0 }.min(size);
            let last = if total > low { ((total - low - 1) / step + 1).min(size) } else { 0 }.max(first);
            let (start, count) = (low + first * step, last - first);
            kept.slice(axis, first.cast_unsigned(), count.cast_unsigned(), 1);
            places.push(if count == 0 { (0, 0, 1) } else { (start, count, step) });
            target.push(total.cast_unsigned());
        }
        let mut within = Strided::whole(&target);
        for (axis, (start, count, step)) in places.into_iter().enumerate() {
            within.slice(axis, start.cast_unsigned(), count.cast_unsigned(), step.cast_unsigned());
        }
        let mut result = filled(value, &target)?;
        put(result.bytes_mut(), within.places(), &kept.read(operand)?)?;
        Data::from_storage(operand.dtype(), target, Arc::new(result))
    }
}

impl Op for Pad {
    const NAME: &'static str = "pad";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand, value] = arity(operands)?;
        let rank = operand.rank();
        if self.low.len() != rank || self.high.len() != rank || self.interior.len() != rank {
            return Err(format!("it takes widths for each dimension of {operand}"));
        }
        if value.dtype != operand.dtype || value.rank() != 0 {
            return Err(format!("it pads with one {} number, not with {value}", operand.dtype));
        }
        let mut shape = Vec::with_capacity(rank);
        for (axis, size) in operand.shape.iter().enumerate() {
            let (low, high) = (&self.low[axis], &self.high[axis]);
            let sum =
                spread(size, self.interior[axis])?.checked_add(low).and_then(|sum| sum.checked_add(high));
            let sum = sum.ok_or("a size overflows")?;
            if sum.constant().is_some_and(|sum| sum < 0) {
                return Err(format!("dimension {axis}, whose size is {size}, has no {low} + {high} more"));
            }
            shape.push(sum);
        }
        Ok(vec![operand.with_shape(Shape::new(shape))])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand, value] = operands else { return Err(check_failed("it takes 2 operands")) };
        Ok(vec![self.padded(operand, value, sizes)?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let gradient = &gradients[0];
        let negated =
            |widths: &[Dim]| widths.iter().map(|width| Dim::from(0_i64) - width).collect::<Vec<_>>();
        let none = vec![0; self.interior.len()];
        let zero = operands[1].zeros_like();
        let mut inner = gradient.pad_interior(&negated(&self.low), &negated(&self.high), &none, zero);
        for (axis, &interior) in self.interior.iter().enumerate() {
            inner = inner.slice_axis_step(axis.cast_signed(), .., interior.saturating_add(1));
        }
        let outer = gradient.sum() - inner.sum();
        vec![Some(inner), Some(outer)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Pad, Slice")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        let low: Option<Vec<_>> = self.low.iter().map(&mut *map).collect();
        let high: Option<Vec<_>> = self.high.iter().map(&mut *map).collect();
        Some(Self { low: low?, high: high?, interior: self.interior.clone() })
    }

    fn samples() -> Vec<Sample> {
        let by = |widths: &[(i64, i64, usize)]| Self {
            low: widths.iter().map(|width| Dim::from(width.0)).collect(),
            high: widths.iter().map(|width| Dim::from(width.1)).collect(),
            interior: widths.iter().map(|width| width.2).collect(),
        };
        let x = Tensor::from([[1.5_f32, -2.0, 0.5], [3.0, 0.25, -1.0]]);
        let value = || Tensor::scalar(0.5_f32);
        vec![
            Sample::new(by(&[(1, 0, 0), (0, 2, 1)]), [x.clone(), value()]),
            Sample::new(by(&[(0, 1, 2), (-1, -1, 0)]), [x.clone(), value()]),
            Sample::new(by(&[(-1, 3, 2), (-1, 1, 1)]), [x, value()]),
            Sample::new(by(&[(1, 1, 0)]), [Tensor::from([true]), Tensor::scalar(false)]),
            Sample::new(
                by(&[(2, 1, 3), (0, 0, 0)]),
                [Tensor::from_vec([0, 2], Vec::<u8>::new()), Tensor::scalar(7_u8)],
            ),
            Sample::new(by(&[]), [Tensor::scalar(1_i64), Tensor::scalar(2_i64)]),
        ]
    }
}

op!(Pad);

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(low: i64, high: i64, interior: usize) -> Vec<i32> {
        let x = Tensor::from([1, 2, 3]);
        x.pad_interior(&[Dim::from(low)], &[Dim::from(high)], &[interior], 0).to_vec::<i32>().unwrap()
    }

    #[test]
    fn values_go_around_and_between_and_negative_widths_take_away() {
        assert_eq!(padded(1, 2, 0), [0, 1, 2, 3, 0, 0]);
        assert_eq!(padded(0, 0, 2), [1, 0, 0, 2, 0, 0, 3]);
        assert_eq!(padded(-1, -1, 1), [0, 2, 0]);
        assert_eq!(padded(-2, 1, 1), [2, 0, 3, 0]);
        assert_eq!(padded(-3, 0, 0), [0; 0]);
        assert_eq!(padded(-3, 2, 0), [0, 0]);
        assert_eq!(padded(2, -4, 0), [0]);
        assert_eq!(padded(-4, 2, 1), [3, 0, 0]);
    }

    #[test]
    fn wrong_widths_are_refused() {
        let x = Tensor::from([1.0_f32, 2.0]);
        assert!(x.pad(&[(-2, -1)], 0.0).error().unwrap().to_string().contains("size is 2"));
        assert!(x.pad(&[(0, 0), (0, 0)], 0.0).error().is_some());
        assert!(x.pad(&[(0, 1)], Tensor::scalar(1_i32)).error().unwrap().to_string().contains("one f32"));
    }
}
