//! Tensors of one number.

use crate::error::Location;
use crate::graph::type_of;
use crate::tensor::{DType, Element, Scalar, Shape, Tensor};

impl Tensor {
    /// Zeros of dtype `f32`; `Tensor::zeros([2, 3])`, or `Tensor::zeros(())` for a tensor without dimensions.
    #[track_caller]
    pub fn zeros(shape: impl Into<Shape>) -> Self {
        filled("zeros", 0.0_f32, &shape.into(), &Location::caller())
    }

    /// Ones of dtype `f32`.
    #[track_caller]
    pub fn ones(shape: impl Into<Shape>) -> Self {
        filled("ones", 1.0_f32, &shape.into(), &Location::caller())
    }

    /// A tensor of one number, whose type decides the dtype: `Tensor::full([2], 7_i64)`.
    #[track_caller]
    pub fn full(shape: impl Into<Shape>, value: impl Element) -> Self {
        filled("full", value, &shape.into(), &Location::caller())
    }

    /// Zeros of the same dtype and shape; `false` for `bool`.
    #[track_caller]
    pub fn zeros_like(&self) -> Self {
        self.like("zeros_like", Scalar::Int(0), Scalar::Bool(false), &Location::caller())
    }

    /// Ones of the same dtype and shape; `true` for `bool`.
    #[track_caller]
    pub fn ones_like(&self) -> Self {
        self.like("ones_like", Scalar::Int(1), Scalar::Bool(true), &Location::caller())
    }

    fn like(&self, name: &str, number: Scalar, truth: Scalar, location: &Location) -> Self {
        let Some(own) = type_of(self) else { return self.clone() };
        let scalar = if own.dtype == DType::Bool { truth } else { number };
        match scalar.to_data(own.dtype) {
            Ok(data) => {
                Self::from_data(data).broadcast_at(&own.shape, location).failing_as("broadcast_in_dim", name)
            }
            Err(message) => Self::failed(name, &[self], message, location.clone()),
        }
    }
}

fn filled(name: &str, value: impl Element, shape: &Shape, location: &Location) -> Tensor {
    Tensor::scalar(value).broadcast_at(shape, location).failing_as("broadcast_in_dim", name)
}

#[cfg(test)]
mod tests {
    use crate::tensor::{DType, Tensor};

    #[test]
    fn what_does_not_fit_in_memory_is_an_error_of_the_method_called() {
        let starts = |tensor: Tensor, name: &str| {
            let error = tensor.error().unwrap().to_string();
            assert!(error.starts_with(name) && error.contains(file!()), "{error} instead of {name}");
        };
        let huge = 1_i64 << 50;
        starts(Tensor::zeros([huge]), "zeros: ");
        starts(Tensor::ones([huge, huge]), "ones");
        starts(Tensor::full([huge], 1_u8), "full: ");
        starts(Tensor::zeros([-1]), "zeros: a size of [-1; f32]");
        starts(Tensor::zeros([1]).broadcast_to([huge]), "broadcast_to: ");
        starts(Tensor::arange(huge), "arange: ");
        starts(Tensor::arange(-1), "arange(): -1 is no size");
        starts(Tensor::range(0, huge, 1), "range: ");
        starts(Tensor::range(0.0, huge as f64, 1.0), "range: ");
        starts(Tensor::linspace(DType::F32, 0.0, 1.0, huge), "linspace: ");
        starts(Tensor::logspace(DType::F32, 0.0, 1.0, huge, 2.0), "logspace: ");
        starts(Tensor::from([1]).tile(&[1 << 50]), "tile: ");
        starts(Tensor::from([1]).repeat(1 << 50, 0), "repeat: ");
        starts(Tensor::iota(DType::I64, [huge], 0), "iota: ");
    }
}
