//! The complement of the error function.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// `1 - erf x` of each element, exact also where that is nearly 0; between 0 and 2. Float dtypes.
    /// ([CHLO `erfc`](https://openxla.org/stablehlo/generated/chlo#chloerfc_chloerfcop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).erfc().to_vec::<f32>()?, [1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn erfc(&self) -> Self {
        apply(Erfc, &[self])
    }
}

/// `2/√π ∫ₓ^∞ e^(-t²) dt`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Erfc;

impl Op for Erfc {
    const NAME: &'static str = "erfc";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::erfcf, libm::erfc)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(&gradients[0] * -std::f64::consts::FRAC_2_SQRT_PI * (-(x * x)).exp())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Erf, Sub")
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

op!(Erfc);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact_and_small_values_are_kept() {
        let y = Tensor::from([f64::INFINITY, f64::NEG_INFINITY, 0.0]).erfc().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[0.0, 2.0, 1.0]));
        assert!(Tensor::scalar(20.0_f64).erfc().to_scalar::<f64>().unwrap() > 5e-176);
    }
}
