//! The hyperbolic sine.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The hyperbolic sine of each element. Float dtypes.
    /// ([CHLO `sinh`](https://openxla.org/stablehlo/generated/chlo#chlosinh_chlosinhop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).sinh().to_vec::<f32>()?, [0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn sinh(&self) -> Self {
        apply(Sinh, &[self])
    }
}

/// `(e^x - e^-x) / 2`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sinh;

impl Op for Sinh {
    const NAME: &'static str = "sinh";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::sinhf, libm::sinh)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(&gradients[0] * x.cosh())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Sinh")
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

op!(Sinh);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_sign_of_zero_are_exact() {
        let y = Tensor::from([-0.0_f64, f64::NEG_INFINITY, 800.0]).sinh().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[-0.0, f64::NEG_INFINITY, f64::INFINITY]));
    }
}
