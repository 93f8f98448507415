//! The natural logarithm of one more.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// `ln(1 + x)` of each element, exact where `x` is small. Float dtypes.
    /// ([StableHLO `log_plus_one`](https://openxla.org/stablehlo/spec#log_plus_one))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1e-20_f32]).log1p().to_vec::<f32>()?, [1e-20]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn log1p(&self) -> Self {
        apply(LogPlusOne, &[self])
    }
}

/// `ln(1 + x)`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogPlusOne;

impl Op for LogPlusOne {
    const NAME: &'static str = "log_plus_one";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::log1pf, libm::log1p)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::ln_1p)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(&gradients[0] / (&operands[0] + 1))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Add, Log")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.0_f32, 1.0, -0.5]])]),
            Sample::new(Self, [Tensor::from([0.5_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.5)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(LogPlusOne);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_and_the_sign_of_zero_stay() {
        let y = Tensor::from([1e-30_f32, -0.0, -1.0, -2.0]).log1p().to_vec::<f32>().unwrap();
        assert_eq!((y[0], y[1].to_bits(), y[2]), (1e-30, (-0.0_f32).to_bits(), f32::NEG_INFINITY));
        assert!(y[3].is_nan());
    }
}
