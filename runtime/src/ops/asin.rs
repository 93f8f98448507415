//! The inverse of the sine.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The angle between -π/2 and π/2 whose sine each element is; NaN beyond -1 and 1. Float dtypes.
    /// ([CHLO `asin`](https://openxla.org/stablehlo/generated/chlo#chloasin_chloasinop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).asin().to_vec::<f32>()?, [0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn asin(&self) -> Self {
        apply(Asin, &[self])
    }
}

/// `arcsin x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asin;

/// `1 - x^2`, exact to a few units in the last place next to 1 and -1, and so is its derivative next to 0.
///
/// The difference cancels at the ends, the two terms of the derivative of the product in the middle.
pub(super) fn one_minus_square(x: &Tensor) -> Tensor {
    x.abs().less(0.5).select(1 - x * x, (1 - x) * (1 + x))
}

impl Op for Asin {
    const NAME: &'static str = "asin";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::asinf, libm::asin)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(&gradients[0] * one_minus_square(x).rsqrt())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Asin")
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

op!(Asin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_sign_of_zero_are_exact() {
        use std::f64::consts::FRAC_PI_2;
        let y = Tensor::from([-0.0_f64, -1.0, 1.0]).asin().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[-0.0, -FRAC_PI_2, FRAC_PI_2]));
        assert!(
            Tensor::from([1.5_f64, f64::NEG_INFINITY])
                .asin()
                .to_vec::<f64>()
                .unwrap()
                .iter()
                .all(|y| y.is_nan())
        );
    }
}
