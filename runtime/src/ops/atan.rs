//! The inverse of the tangent.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The angle between -π/2 and π/2 whose tangent each element is. Float dtypes; see [`Tensor::atan2`] for all angles.
    /// ([CHLO `atan`](https://openxla.org/stablehlo/generated/chlo#chloatan_chloatanop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).atan().to_vec::<f32>()?, [0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn atan(&self) -> Self {
        apply(Atan, &[self])
    }
}

/// `arctan x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Atan;

impl Op for Atan {
    const NAME: &'static str = "atan";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::atanf, libm::atan)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(&gradients[0] / (x * x + 1))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Atan")
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

op!(Atan);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_sign_of_zero_are_exact() {
        use std::f64::consts::FRAC_PI_2;
        let y = Tensor::from([-0.0_f64, f64::INFINITY, f64::NEG_INFINITY]).atan().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[-0.0, FRAC_PI_2, -FRAC_PI_2]));
    }
}
