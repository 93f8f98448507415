//! What element-wise ops of two operands share: the shape rule, the kernel, and broadcasting in front of them.

use std::sync::Arc;

use super::number::Number;
use super::operand::{Operand, broadcast_operands};
use super::unary::{arity, dtype_error, require};
use crate::error::{Location, Result};
use crate::graph::{Constraints, DynOp, ElementKernel, Op, apply_one};
use crate::tensor::{DType, Data, Element, Shape, Tensor, TensorType, for_dtype};

/// Applies an op to two operands broadcast to one shape.
#[track_caller]
pub(crate) fn broadcast_apply<O: Op>(op: O, left: &Tensor, right: impl Operand) -> Tensor {
    let right = right.to_tensor(left);
    apply_broadcast(Arc::new(op), left, &right, &Location::caller())
}

fn apply_broadcast(op: Arc<dyn DynOp>, left: &Tensor, right: &Tensor, location: &Location) -> Tensor {
    match broadcast_operands(op.name(), left, right, location) {
        Ok((left, right)) => apply_one(op, &[&left, &right], location),
        Err(failed) => failed,
    }
}

/// The result has the type of the operands, which must be the same and of a class of dtypes.
pub(crate) fn infer(
    operands: &[TensorType],
    constraints: &mut dyn Constraints,
    class: fn(DType) -> bool,
    class_name: &str,
) -> Result<Vec<TensorType>, String> {
    let [left, right] = arity(operands)?;
    require(left.dtype, class, class_name)?;
    if left.dtype != right.dtype {
        return Err(format!("the dtypes {} and {} differ", left.dtype, right.dtype));
    }
    let shape = equal_shapes(&left.shape, &right.shape, constraints)?;
    Ok(vec![TensorType::new(left.dtype, shape)])
}

/// What is known of two shapes that must be the same.
pub(crate) fn equal_shapes(
    left: &Shape,
    right: &Shape,
    constraints: &mut dyn Constraints,
) -> Result<Shape, String> {
    if left.rank() != right.rank() {
        return Err(format!("the shapes {left} and {right} differ"));
    }
    left.iter().zip(right.iter()).map(|(left, right)| constraints.equal(left, right)).collect()
}

/// Applies a function to each pair of elements; not compiled for each function, as it is not to be fast.
pub(crate) fn zip<T: Element, U: Element>(
    left: &Data,
    right: &Data,
    function: &dyn Fn(T, T) -> U,
) -> Result<Vec<Data>> {
    let pairs = left.elements::<T>()?.iter().zip(right.elements::<T>()?);
    let mut results = Vec::with_capacity(left.len());
    for (&a, &b) in pairs {
        results.push(function(a, b));
    }
    Ok(vec![Data::new::<U>(left.sizes(), results)?])
}

/// A function of two elements of any numeric dtype.
pub(crate) trait NumberFunction {
    fn call<T: Number>(x: T, y: T) -> T;
}

/// Applies a function to each pair of elements of two numeric tensors.
pub(crate) fn numeric<F: NumberFunction>(operands: &[Data]) -> Result<Vec<Data>> {
    let [left, right] = operands else { return Err(crate::graph::check_failed("it takes 2 operands")) };
    for_dtype!(left.dtype(), T in numeric => zip::<T, T>(left, right, &F::call), else => Err(dtype_error(left)))
}

/// The fast kernel of a function of two elements, for the dtypes that are common.
pub(crate) fn element<F: NumberFunction + 'static>(operands: &[DType]) -> Option<ElementKernel> {
    match operands.first()? {
        DType::F32 => Some(ElementKernel::map2(F::call::<f32>)),
        DType::F64 => Some(ElementKernel::map2(F::call::<f64>)),
        DType::I32 => Some(ElementKernel::plain2(F::call::<i32>)),
        DType::I64 => Some(ElementKernel::plain2(F::call::<i64>)),
        _ => None,
    }
}
