//! The logarithm of the gamma function.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The logarithm of the magnitude of the gamma function at each element; infinite at 0, -1, -2, … Float dtypes.
    /// ([CHLO `lgamma`](https://openxla.org/stablehlo/generated/chlo#chlolgamma_chlolgammaop))
    ///
    /// For positive elements exact to a few units in the last place; near its zeros on the negative side to about 1e-15.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 2.0]).lgamma().to_vec::<f32>()?, [0.0, 0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn lgamma(&self) -> Self {
        apply(Lgamma, &[self])
    }
}

/// `ln |Γ(x)|`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lgamma;

impl Op for Lgamma {
    const NAME: &'static str = "lgamma";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::lgammaf, libm::lgamma)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(&gradients[0] * x.digamma())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Unsupported("ONNX has no gamma function")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.5_f32, 3.5, -2.25]])]),
            Sample::new(Self, [Tensor::from([1.25_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(1.25)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(Lgamma);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poles_and_ends_are_infinite() {
        let y = Tensor::from([1.0_f64, 0.0, -0.0, -3.0, f64::INFINITY, f64::NEG_INFINITY])
            .lgamma()
            .to_vec::<f64>()
            .unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(
            bits(&y),
            bits(&[0.0, f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY])
        );
    }
}
