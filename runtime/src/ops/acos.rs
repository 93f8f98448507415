//! The inverse of the cosine.

use serde::{Deserialize, Serialize};

use super::asin::one_minus_square;
use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The angle between 0 and π whose cosine each element is; NaN beyond -1 and 1. Float dtypes.
    /// ([CHLO `acos`](https://openxla.org/stablehlo/generated/chlo#chloacos_chloacosop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32]).acos().to_vec::<f32>()?, [0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn acos(&self) -> Self {
        apply(Acos, &[self])
    }
}

/// `arccos x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Acos;

impl Op for Acos {
    const NAME: &'static str = "acos";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::acosf, libm::acos)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(-&gradients[0] * one_minus_square(x).rsqrt())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Acos")
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

op!(Acos);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact() {
        use std::f64::consts::PI;
        let y = Tensor::from([-1.0_f64, 1.0]).acos().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[PI, 0.0]));
        assert!(
            Tensor::from([1.5_f64, f64::NEG_INFINITY])
                .acos()
                .to_vec::<f64>()
                .unwrap()
                .iter()
                .all(|y| y.is_nan())
        );
    }
}
