//! Whether numbers are finite.

use serde::{Deserialize, Serialize};

use super::number::Float;
use super::unary::{self, dtype_error, map};
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// Whether each element is neither infinite nor NaN: a tensor of `bool`. Float dtypes.
    /// ([StableHLO `is_finite`](https://openxla.org/stablehlo/spec#is_finite))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1.0, f32::INFINITY, f32::NAN]);
    /// assert_eq!(x.is_finite().to_vec::<bool>()?, [true, false, false]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn is_finite(&self) -> Self {
        apply(IsFinite, &[self])
    }
}

/// Whether `x` is neither infinite nor NaN.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IsFinite;

impl Op for IsFinite {
    const NAME: &'static str = "is_finite";
    const ELEMENT_WISE: bool = true;
    const NO_GRADIENT: Option<&'static str> = Some("its result is a truth value");

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let types = unary::infer(operands, constraints, DType::is_float, "float")?;
        Ok(types.into_iter().map(|kind| kind.with_dtype(DType::Bool)).collect())
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let operand = &operands[0];
        for_dtype!(
            operand.dtype(),
            T in float => map::<T, bool>(operand, &Float::is_finite),
            else => Err(dtype_error(operand))
        )
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, || ElementKernel::map1(f32::is_finite))
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("IsInf, IsNaN, Or, Not")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.5_f32, f32::NAN, f32::NEG_INFINITY]])]),
            Sample::new(Self, [Tensor::from([f64::MAX])]),
            Sample::new(Self, [Tensor::from([half::f16::MAX, half::f16::INFINITY])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(IsFinite);

#[cfg(test)]
mod tests {
    use super::*;
    use half::{bf16, f16};

    #[test]
    fn the_greatest_numbers_are_finite_in_each_dtype() {
        let of = |x: Tensor| x.is_finite().to_vec::<bool>().unwrap();
        assert_eq!(of(Tensor::from([f16::MAX, f16::INFINITY, f16::NAN])), [true, false, false]);
        assert_eq!(of(Tensor::from([bf16::MIN, bf16::NEG_INFINITY])), [true, false]);
        assert_eq!(of(Tensor::from([f64::MAX, 5e-324, -f64::NAN])), [true, true, false]);
    }
}
