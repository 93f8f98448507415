//! The exponential function less one.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// `e^x - 1` of each element, exact where `x` is small. Float dtypes.
    /// ([StableHLO `exponential_minus_one`](https://openxla.org/stablehlo/spec#exponential_minus_one))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1e-20_f32]).exp_m1().to_vec::<f32>()?, [1e-20]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn exp_m1(&self) -> Self {
        apply(ExponentialMinusOne, &[self])
    }
}

/// `e^x - 1`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExponentialMinusOne;

impl Op for ExponentialMinusOne {
    const NAME: &'static str = "exponential_minus_one";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::expm1f, libm::expm1)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::exp_m1)
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(&gradients[0] * (&results[0] + 1))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Exp, Sub")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.0_f32, 1.0, -2.5]])]),
            Sample::new(Self, [Tensor::from([0.5_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.5)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(ExponentialMinusOne);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_and_the_sign_of_zero_stay() {
        let y = Tensor::from([1e-30_f32, -0.0, f32::NEG_INFINITY]).exp_m1().to_vec::<f32>().unwrap();
        assert_eq!((y[0], y[1].to_bits(), y[2]), (1e-30, (-0.0_f32).to_bits(), -1.0));
    }
}
