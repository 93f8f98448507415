//! Rounding up.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The least integer not below each element, as a float. Float dtypes; the gradient is 0.
    /// ([StableHLO `ceil`](https://openxla.org/stablehlo/spec#ceil))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.5_f32, -1.5]).ceil().to_vec::<f32>()?, [2.0, -1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn ceil(&self) -> Self {
        apply(Ceil, &[self])
    }
}

/// `⌈x⌉`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ceil;

impl Op for Ceil {
    const NAME: &'static str = "ceil";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::ceilf, libm::ceil)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, || ElementKernel::map1(f32::ceil))
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        // Constant between jumps.
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Ceil")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.25_f32, 1.75, -2.4]])]),
            Sample::new(Self, [Tensor::from([0.4_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.75)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(Ceil);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_and_the_sign_of_zero_stay() {
        let y = Tensor::from([-0.0_f32, -0.5, 1e30, f32::INFINITY]).ceil().to_vec::<f32>().unwrap();
        assert_eq!(
            y.iter().map(|y| y.to_bits()).collect::<Vec<_>>(),
            [-0.0_f32, -0.0, 1e30, f32::INFINITY].map(f32::to_bits)
        );
        assert!(Tensor::scalar(half::f16::NAN).ceil().to_scalar::<half::f16>().unwrap().is_nan());
    }
}
