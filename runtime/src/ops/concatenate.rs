//! Tensors one after the other along a dimension.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::axes;
use super::places::{Strided, put, zeros};
use crate::error::{Error, Location, OpError, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{Data, Dim, Shape, Sizes, Tensor, TensorType};

impl Tensor {
    /// The tensors one after the other along a dimension, in which their sizes may differ; a negative one counts from
    /// the last.
    ///
    /// At least one tensor; the same dtype, rank and other sizes. Every dtype.
    /// ([StableHLO `concatenate`](https://openxla.org/stablehlo/spec#concatenate))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let (a, b) = (Tensor::from([[1], [2]]), Tensor::from([[3, 4], [5, 6]]));
    /// assert_eq!(Tensor::concatenate(&[&a, &b], 1).to_vec::<i32>()?, [1, 3, 4, 2, 5, 6]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn concatenate(tensors: &[&Self], axis: isize) -> Self {
        let location = Location::caller();
        let Some(first) = tensors.first() else { return Self::from_error(nothing(location)) };
        let Some(kind) = type_of(first) else { return (*first).clone() };
        match axes::axis(axis, kind.rank()) {
            Ok(dimension) => apply(Concatenate { dimension }, tensors),
            Err(message) => Self::failed("concatenate", tensors, message, location),
        }
    }
}

fn nothing(location: Location) -> Error {
    Error::Op(Box::new(OpError {
        op: "concatenate".into(),
        message: "it takes at least one tensor: of none there is no dtype and no shape".into(),
        operands: Vec::new(),
        location,
        scope: String::new(),
        calls: Vec::new(),
    }))
}

/// The operands one after the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Concatenate {
    /// The dimension along which they follow each other.
    pub dimension: usize,
}

impl Op for Concatenate {
    const NAME: &'static str = "concatenate";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [first, rest @ ..] = operands else { return Err("it takes at least one operand".into()) };
        if self.dimension >= first.rank() {
            return Err(format!("there is no dimension {} in {first}", self.dimension));
        }
        let mut shape = first.shape.to_vec();
        for operand in rest {
            if operand.dtype != first.dtype || operand.rank() != first.rank() {
                return Err(format!("{first} and {operand} need the same dtype and rank"));
            }
            for (axis, (sum, size)) in shape.iter_mut().zip(operand.shape.iter()).enumerate() {
                *sum = if axis == self.dimension {
                    sum.checked_add(size).ok_or("a size overflows")?
                } else {
                    constraints.equal(sum, size).map_err(|message| {
                        format!("in dimension {axis} the sizes must be equal: {message}")
                    })?
                };
            }
        }
        Ok(vec![first.with_shape(Shape::new(shape))])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let Some(first) = operands.first() else { return Err(check_failed("it takes at least one operand")) };
        let (dtype, mut sizes) = (first.dtype(), first.sizes().to_vec());
        sizes[self.dimension] = operands.iter().map(|operand| operand.sizes()[self.dimension]).sum();
        let mut joined = zeros(dtype, &sizes)?;
        let mut start = 0;
        for operand in operands {
            let count = operand.sizes()[self.dimension];
            let mut part = Strided::whole(&sizes);
            part.slice(self.dimension, start, count, 1);
            put(joined.bytes_mut(), part.places(), operand)?;
            start += count;
        }
        Ok(vec![Data::from_storage(dtype, sizes, Arc::new(joined))?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let axis = self.dimension.cast_signed();
        let mut start = Dim::from(0_i64);
        let parts = operands.iter().map(|operand| {
            let end = &start + operand.dim(axis);
            Some(gradients[0].slice_axis(axis, std::mem::replace(&mut start, end.clone())..end))
        });
        parts.collect()
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Concat")
    }

    fn samples() -> Vec<Sample> {
        let along = |dimension| Self { dimension };
        let (x, y) = (Tensor::from([[1.0_f32, 2.0]]), Tensor::from([[3.0_f32, 4.0], [5.0, 6.0]]));
        vec![
            Sample::new(along(0), [x.clone(), y.clone(), x.clone()]),
            Sample::new(along(1), [y, Tensor::from_vec([2, 0], Vec::<f32>::new())]),
            Sample::new(along(0), [Tensor::from([1_u64]), Tensor::from([2_u64, 3])]),
            Sample::new(along(1), [Tensor::from([[true]]), Tensor::from([[false]])]),
            Sample::new(along(0), [x]),
        ]
    }
}

op!(Concatenate);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused() {
        let error = |tensors: &[&Tensor], axis| {
            Tensor::concatenate(tensors, axis).error().map(ToString::to_string).unwrap_or_default()
        };
        let (x, y) = (Tensor::zeros([2, 3]), Tensor::zeros([2, 4]));
        assert!(error(&[], 0).contains("at least one"));
        assert!(error(&[&x, &y], 0).contains("dimension 1"));
        assert!(error(&[&x, &y], 2).contains("no dimension 2"));
        assert!(error(&[&x, &Tensor::from([1])], 0).contains("dtype and rank"));
        assert_eq!(Tensor::concatenate(&[&x, &y], -1).shape().concrete(), Some(vec![2, 7]));
    }
}
