//! Repeating a tensor along new dimensions and dimensions of size 1.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::operand::broadcast_shapes;
use super::places::Strided;
use super::unary::arity;
use crate::error::{Location, Result};
use crate::graph::{
    Constraints, DynOp, Mapping, Op, Sample, apply_at, check_failed, constrain, record_at, type_of,
};
use crate::op;
use crate::tensor::{Data, Dim, Shape, Sizes, Tensor, TensorType, element_count};

/// A trace holds broadcast constants of so many elements.
const MOST_HELD: usize = 1024;

impl Tensor {
    /// The tensor repeated to a shape by NumPy's rule: aligned from the last dimension, sizes of 1 stretch.
    ///
    /// Every dtype. A shape that the tensor does not broadcast to is an error.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let rows = Tensor::from([1, 2]).broadcast_to([3, 2]);
    /// assert_eq!(rows.to_vec::<i32>()?, [1, 2, 1, 2, 1, 2]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn broadcast_to(&self, shape: impl Into<Shape>) -> Self {
        let (shape, location) = (shape.into(), Location::caller());
        let Some(own) = type_of(self) else { return self.clone() };
        let fits = constrain(|constraints| broadcast_shapes(&own.shape, &shape, constraints));
        // A size of 1 in the shape asked for stretches nothing.
        let shrinks =
            |result: &Shape| result.iter().zip(shape.iter()).any(|(size, wanted)| *wanted == 1 && *size != 1);
        match fits {
            Ok(result) if result.rank() == shape.rank() && !shrinks(&result) => {
                self.broadcast_at(&result, &location).failing_as(BroadcastInDim::NAME, "broadcast_to")
            }
            Ok(_) => {
                let message = format!("a tensor of shape {} does not broadcast to {shape}", own.shape);
                Self::failed("broadcast_to", &[self], message, location)
            }
            Err(message) => Self::failed("broadcast_to", &[self], message, location),
        }
    }

    /// The tensor broadcast to what its own shape and `shape` broadcast to together.
    pub(crate) fn broadcast_with(&self, shape: &Shape, location: &Location) -> Self {
        let Some(own) = type_of(self) else { return self.clone() };
        match constrain(|constraints| broadcast_shapes(&own.shape, shape, constraints)) {
            Ok(shape) => self.broadcast_at(&shape, location),
            Err(message) => Self::failed("broadcast", &[self], message, location.clone()),
        }
    }

    /// As [`Tensor::broadcast_to`] for a shape that is known to fit; the tensor itself if it has the shape already.
    pub(crate) fn broadcast_at(&self, shape: &Shape, location: &Location) -> Self {
        self.broadcast_by(shape, |op, tensor| apply_at(op, &[tensor], location).swap_remove(0))
    }

    /// As [`Tensor::broadcast_at`], for an op with an operand that is being traced: a trace does not hold a large constant that
    /// repeats a small one.
    pub(crate) fn broadcast_traced(&self, shape: &Shape, location: &Location) -> Self {
        let count = shape.concrete().and_then(|sizes| element_count(&sizes));
        if self.is_symbolic() || count.is_none_or(|count| count <= MOST_HELD) {
            return self.broadcast_at(shape, location);
        }
        self.broadcast_by(shape, |op, tensor| record_at(op, &[tensor], location))
    }

    fn broadcast_by(&self, shape: &Shape, apply: impl FnOnce(&Arc<dyn DynOp>, &Self) -> Self) -> Self {
        let Some(own) = type_of(self) else { return self.clone() };
        if own.shape == *shape {
            return self.clone();
        }
        let offset = shape.rank().saturating_sub(own.rank());
        let op = BroadcastInDim { shape: shape.clone(), dimensions: (offset..shape.rank()).collect() };
        apply(&(Arc::new(op) as _), self)
    }
}

/// The operand with its dimension `i` as dimension `dimensions[i]` of the result, repeated along all others.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BroadcastInDim {
    /// The shape of the result.
    pub shape: Shape,
    /// For each dimension of the operand, the dimension of the result it becomes; increasing.
    pub dimensions: Vec<usize>,
}

impl Op for BroadcastInDim {
    const NAME: &'static str = "broadcast_in_dim";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        let increasing = self.dimensions.windows(2).all(|pair| pair[0] < pair[1]);
        if self.dimensions.len() != operand.rank() || !increasing {
            return Err(format!(
                "dimensions {:?} do not place the {} of {operand}",
                self.dimensions,
                operand.rank()
            ));
        }
        let mut shape = self.shape.clone().into_dims();
        for (size, &dimension) in operand.shape.iter().zip(&self.dimensions) {
            let Some(target) = shape.get_mut(dimension) else {
                return Err(format!("the result {} has no dimension {dimension}", self.shape));
            };
            if *size != 1 {
                *target = constraints.equal(size, target)?;
            }
        }
        Ok(vec![TensorType::new(operand.dtype, Shape::new(shape))])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        let target =
            self.shape.evaluate(sizes).ok_or_else(|| check_failed("a size of the shape is not known"))?;
        let mut aligned = vec![1; target.len()];
        for (&size, &dimension) in operand.sizes().iter().zip(&self.dimensions) {
            aligned[dimension] = size;
        }
        let mut repeated = Strided::whole(&aligned);
        for (axis, (&own, &size)) in aligned.iter().zip(&target).enumerate() {
            match own {
                1 => repeated.repeat(axis, size),
                _ if own == size => {}
                _ => return Err(check_failed(format!("{aligned:?} does not broadcast to {target:?}"))),
            }
        }
        Ok(vec![repeated.read(operand)?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let own = operands[0].shape();
        let stretched = |axis: usize| match self.dimensions.iter().position(|&dimension| dimension == axis) {
            Some(index) => own[index] == 1 && self.shape[axis] != 1,
            None => true,
        };
        let axes: Vec<isize> =
            (0..self.shape.rank()).filter(|&axis| stretched(axis)).map(usize::cast_signed).collect();
        vec![Some(gradients[0].sum_axis(axes).reshape(own))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Reshape, Expand")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        let shape: Option<Shape> = self.shape.iter().map(map).collect();
        Some(Self { shape: shape?, dimensions: self.dimensions.clone() })
    }

    fn samples() -> Vec<Sample> {
        let to = |shape: &[i64], dimensions: &[usize]| Self {
            shape: Shape::from(shape),
            dimensions: dimensions.to_vec(),
        };
        vec![
            Sample::new(to(&[2, 3], &[1]), [Tensor::from([1.0_f32, 2.0, 3.0])]),
            Sample::new(to(&[2, 3, 2], &[0, 2]), [Tensor::from([[1.0_f64], [2.0]])]),
            Sample::new(to(&[0, 2], &[1]), [Tensor::from([true, false])]),
            Sample::new(to(&[2], &[]), [Tensor::scalar(7_u8)]),
        ]
    }
}

op!(BroadcastInDim);
