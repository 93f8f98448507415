//! Tensors of one number.

use crate::error::Location;
use crate::graph::type_of;
use crate::tensor::{DType, Scalar, Shape, Tensor};

impl Tensor {
    /// Zeros of dtype `f32`; `Tensor::zeros([2, 3])`, or `Tensor::zeros(())` for a tensor without dimensions.
    #[track_caller]
    pub fn zeros(shape: impl Into<Shape>) -> Self {
        Self::full(shape, 0.0_f32)
    }

    /// Ones of dtype `f32`.
    #[track_caller]
    pub fn ones(shape: impl Into<Shape>) -> Self {
        Self::full(shape, 1.0_f32)
    }

    /// A tensor of one number, whose type decides the dtype: `Tensor::full([2], 7_i64)`.
    #[track_caller]
    pub fn full(shape: impl Into<Shape>, value: impl crate::tensor::Element) -> Self {
        Self::scalar(value).broadcast_at(&shape.into(), &Location::caller())
    }

    /// Zeros of the same dtype and shape; `false` for `bool`.
    #[track_caller]
    pub fn zeros_like(&self) -> Self {
        self.like(Scalar::Int(0), Scalar::Bool(false), &Location::caller())
    }

    /// Ones of the same dtype and shape; `true` for `bool`.
    #[track_caller]
    pub fn ones_like(&self) -> Self {
        self.like(Scalar::Int(1), Scalar::Bool(true), &Location::caller())
    }

    fn like(&self, number: Scalar, truth: Scalar, location: &Location) -> Self {
        let Some(own) = type_of(self) else { return self.clone() };
        let scalar = if own.dtype == DType::Bool { truth } else { number };
        match scalar.to_data(own.dtype) {
            Ok(data) => Self::from_data(data).broadcast_at(&own.shape, location),
            Err(message) => Self::failed("like", &[self], message, location.clone()),
        }
    }
}
