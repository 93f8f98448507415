//! The inverse of the hyperbolic tangent.

use serde::{Deserialize, Serialize};

use super::asin::one_minus_square;
use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The number whose hyperbolic tangent each element is; infinite at -1 and 1, NaN beyond. Float dtypes.
    /// ([CHLO `atanh`](https://openxla.org/stablehlo/generated/chlo#chloatanh_chloatanhop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).atanh().to_vec::<f32>()?, [0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn atanh(&self) -> Self {
        apply(Atanh, &[self])
    }
}

/// `ln((1 + x) / (1 - x)) / 2`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Atanh;

impl Op for Atanh {
    const NAME: &'static str = "atanh";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::atanhf, libm::atanh)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(&gradients[0] / one_minus_square(x))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Atanh")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.0_f32, 0.75, -0.5]])]),
            Sample::new(Self, [Tensor::from([0.25_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.25)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(Atanh);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_sign_of_zero_are_exact() {
        let y = Tensor::from([-0.0_f64, 1.0, -1.0]).atanh().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[-0.0, f64::INFINITY, f64::NEG_INFINITY]));
        assert!(
            Tensor::from([1.5_f64, f64::NEG_INFINITY])
                .atanh()
                .to_vec::<f64>()
                .unwrap()
                .iter()
                .all(|y| y.is_nan())
        );
    }
}
