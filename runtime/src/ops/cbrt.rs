//! The cube root.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The cube root of each element, with its sign. Float dtypes; the gradient at 0 is infinite.
    /// ([StableHLO `cbrt`](https://openxla.org/stablehlo/spec#cbrt))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([8.0_f32, -27.0]).cbrt().to_vec::<f32>()?, [2.0, -3.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn cbrt(&self) -> Self {
        apply(Cbrt, &[self])
    }
}

/// `∛x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cbrt;

impl Op for Cbrt {
    const NAME: &'static str = "cbrt";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::cbrtf, libm::cbrt)
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let y = &results[0];
        vec![Some(&gradients[0] / (y * y * 3))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Sign, Abs, Pow, Mul")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.5_f32, 8.0, -2.5]])]),
            Sample::new(Self, [Tensor::from([0.25_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.25)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(Cbrt);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_sign_of_zero_are_exact() {
        let y = Tensor::from([-0.0_f64, f64::NEG_INFINITY, -64.0]).cbrt().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[-0.0, f64::NEG_INFINITY, -4.0]));
    }
}
