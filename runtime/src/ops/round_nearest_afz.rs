//! Rounding to the nearest integer, away from zero.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The integer nearest to each element, of two the one away from 0, as a float. Float dtypes; the gradient is 0.
    /// ([StableHLO `round_nearest_afz`](https://openxla.org/stablehlo/spec#round_nearest_afz))
    ///
    /// [`Tensor::round`] takes the even one of two, as NumPy does.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.5_f32, -2.5, 2.4]).round_half_away().to_vec::<f32>()?, [1.0, -3.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn round_half_away(&self) -> Self {
        apply(RoundNearestAfz, &[self])
    }
}

/// The integer nearest to `x`, ties away from 0.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoundNearestAfz;

impl Op for RoundNearestAfz {
    const NAME: &'static str = "round_nearest_afz";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::roundf, libm::round)
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        // Constant between jumps.
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Sign, Abs, Floor")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.25_f32, 1.75, -2.4]])]),
            Sample::new(Self, [Tensor::from([0.4_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.4)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(RoundNearestAfz);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_and_the_sign_of_zero_stay() {
        let y = Tensor::from([
            -0.0_f64,
            -0.25,
            4_503_599_627_370_497.0,
            0.499_999_999_999_999_94,
            f64::NEG_INFINITY,
        ])
        .round_half_away()
        .to_vec::<f64>()
        .unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[-0.0, -0.0, 4_503_599_627_370_497.0, 0.0, f64::NEG_INFINITY]));
    }
}
