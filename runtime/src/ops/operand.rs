//! What may stand on either side of an operation: tensors, variables and numbers.

use crate::error::{Location, Result};
use crate::graph::{Constraints, Variable, constrain, type_of};
use crate::tensor::{Dim, Scalar, Shape, Tensor};

/// What may stand on either side of an operation: a tensor, a variable, or a number that takes the tensor's dtype.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an operand of tensor operations",
    label = "not an operand",
    note = "operands are `&Tensor`, `Tensor`, `&Variable` and numbers; make a tensor with `Tensor::from(...)`"
)]
pub trait Operand {
    /// The operand as a tensor, when it meets `other`.
    #[track_caller]
    fn to_tensor(&self, other: &Tensor) -> Tensor;
}

impl Operand for Tensor {
    fn to_tensor(&self, _: &Tensor) -> Tensor {
        self.clone()
    }
}

impl Operand for Variable {
    #[track_caller]
    fn to_tensor(&self, _: &Tensor) -> Tensor {
        self.value()
    }
}

#[diagnostic::do_not_recommend]
impl<O: Operand + ?Sized> Operand for &O {
    #[track_caller]
    fn to_tensor(&self, other: &Tensor) -> Tensor {
        (**self).to_tensor(other)
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Operand for $type {
            #[track_caller]
            fn to_tensor(&self, other: &Tensor) -> Tensor {
                number((*self).into(), other, &Location::caller())
            }
        }
    )*};
}

numbers!(f32, f64, half::f16, half::bf16, i8, i16, i32, i64, u8, u16, u32, u64, usize, bool);

fn number(scalar: Scalar, other: &Tensor, location: &Location) -> Tensor {
    match scalar.to_data(other.dtype()) {
        Ok(data) => Tensor::from_data(data),
        Err(message) => Tensor::failed("number", &[other], message, location.clone()),
    }
}

impl From<&Self> for Tensor {
    fn from(tensor: &Self) -> Self {
        tensor.clone()
    }
}

impl From<&Variable> for Tensor {
    #[track_caller]
    fn from(variable: &Variable) -> Self {
        variable.value()
    }
}

/// The shape that two shapes broadcast to, by NumPy's rule: aligned from the last dimension, sizes of 1 stretch.
///
/// A symbolic size is taken as not 1.
///
/// # Errors
/// If two sizes differ and neither is 1, in words.
pub(crate) fn broadcast_shapes(
    left: &Shape,
    right: &Shape,
    constraints: &mut dyn Constraints,
) -> Result<Shape, String> {
    let rank = left.rank().max(right.rank());
    let aligned = |shape: &Shape, index: usize| -> Dim {
        (index + shape.rank())
            .checked_sub(rank)
            .map_or_else(|| Dim::from(1_i64), |index| shape[index].clone())
    };
    (0..rank)
        .map(|index| {
            let (left_dim, right_dim) = (aligned(left, index), aligned(right, index));
            if left_dim == 1 {
                Ok(right_dim)
            } else if right_dim == 1 {
                Ok(left_dim)
            } else {
                constraints.equal(&left_dim, &right_dim).map_err(|message| {
                    format!("the shapes {left} and {right} cannot be broadcast: {message}")
                })
            }
        })
        .collect()
}

/// Two operands broadcast to one shape, or the error of `op`.
pub(crate) fn broadcast_operands(
    op: &str,
    left: &Tensor,
    right: &Tensor,
    location: &Location,
) -> Result<(Tensor, Tensor), Tensor> {
    let (Some(left_type), Some(right_type)) = (type_of(left), type_of(right)) else {
        return Err(Tensor::failed(op, &[left, right], "", location.clone()));
    };
    let fail = |message: String| Tensor::failed(op, &[left, right], message, location.clone());
    if left_type.dtype != right_type.dtype {
        let (a, b) = (left_type.dtype, right_type.dtype);
        return Err(fail(format!("the dtypes {a} and {b} differ: convert one with `.cast(DType::{a:?})`")));
    }
    let shape = constrain(|constraints| broadcast_shapes(&left_type.shape, &right_type.shape, constraints))
        .map_err(fail)?;
    if left.is_symbolic() || right.is_symbolic() {
        return Ok((left.broadcast_traced(&shape, location), right.broadcast_traced(&shape, location)));
    }
    Ok((left.broadcast_at(&shape, location), right.broadcast_at(&shape, location)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Exact;

    #[test]
    fn shapes_broadcast_as_in_numpy() {
        let broadcast = |left: &[i64], right: &[i64]| {
            broadcast_shapes(&Shape::from(left), &Shape::from(right), &mut Exact)
                .map(|shape| shape.concrete().unwrap())
        };
        assert_eq!(broadcast(&[8, 1, 6, 1], &[7, 1, 5]), Ok(vec![8, 7, 6, 5]));
        assert_eq!(broadcast(&[], &[0, 3]), Ok(vec![0, 3]));
        assert_eq!(broadcast(&[1], &[0]), Ok(vec![0]));
        let error = broadcast(&[2, 3], &[4]).unwrap_err();
        assert!(error.contains("[2, 3] and [4]"), "{error}");
    }
}
