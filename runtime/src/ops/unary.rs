//! What element-wise ops of one operand share: the shape rule and the kernels.

use super::number::{Float, Number};
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, check_failed};
use crate::tensor::{DType, Data, Element, TensorType, for_dtype};

/// Exactly `N` operands.
pub(crate) fn arity<const N: usize>(operands: &[TensorType]) -> Result<&[TensorType; N], String> {
    operands.try_into().map_err(|_| format!("it takes {N} operands, not {}", operands.len()))
}

/// The result has the type of the operand, whose dtype must be of a class.
pub(crate) fn infer(
    operands: &[TensorType],
    _: &mut dyn Constraints,
    class: fn(DType) -> bool,
    class_name: &str,
) -> Result<Vec<TensorType>, String> {
    let [operand] = arity(operands)?;
    require(operand.dtype, class, class_name)?;
    Ok(vec![operand.clone()])
}

/// A dtype of a class, or an error that says which class.
pub(crate) fn require(dtype: DType, class: fn(DType) -> bool, class_name: &str) -> Result<(), String> {
    if class(dtype) {
        Ok(())
    } else {
        Err(format!(
            "it takes {class_name} tensors, not {dtype}: convert the operand with `.cast(...)` first"
        ))
    }
}

/// Whether the elements have a sign: floats and signed integers.
pub(crate) fn is_signed(dtype: DType) -> bool {
    dtype.is_float() || dtype.is_signed_int()
}

/// Applies a function of mathematics to each element of a float tensor.
pub(crate) fn float(operand: &Data, single: fn(f32) -> f32, double: fn(f64) -> f64) -> Result<Vec<Data>> {
    for_dtype!(operand.dtype(), T in float => map::<T, T>(operand, &|x| Float::apply(x, single, double)), else => Err(dtype_error(operand)))
}

/// Applies a function to each element; not compiled for each function, as it is not to be fast.
pub(crate) fn map<T: Element, U: Element>(operand: &Data, function: &dyn Fn(T) -> U) -> Result<Vec<Data>> {
    let elements = operand.elements::<T>()?;
    let mut results = Vec::with_capacity(elements.len());
    for &element in elements {
        results.push(function(element));
    }
    Ok(vec![Data::new::<U>(operand.sizes(), results)?])
}

/// A function of one element of any numeric dtype.
pub(crate) trait NumberFunction {
    fn call<T: Number>(x: T) -> T;
}

/// Applies a function to each element of a numeric tensor.
pub(crate) fn numeric<F: NumberFunction>(operand: &Data) -> Result<Vec<Data>> {
    for_dtype!(operand.dtype(), T in numeric => map::<T, T>(operand, &F::call), else => Err(dtype_error(operand)))
}

/// The fast kernel of a function of one element, for the dtypes that are common.
pub(crate) fn element<F: NumberFunction + 'static>(operands: &[DType]) -> Option<ElementKernel> {
    match operands {
        [DType::F32] => Some(ElementKernel::map1(F::call::<f32>)),
        [DType::F64] => Some(ElementKernel::map1(F::call::<f64>)),
        [DType::I32] => Some(ElementKernel::plain1(F::call::<i32>)),
        _ => None,
    }
}

/// The fast kernel of a function of `f32`.
pub(crate) fn single(operands: &[DType], kernel: fn() -> ElementKernel) -> Option<ElementKernel> {
    (operands == [DType::F32]).then(kernel)
}

/// The shape rule lets no such operand through; a kernel called without it says so.
pub(crate) fn dtype_error(operand: &Data) -> crate::error::Error {
    check_failed(format!("no kernel for operands of type {}", operand.dtype()))
}
