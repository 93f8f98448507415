//! The tangent.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The tangent of each element, an angle in radians. Float dtypes.
    /// ([StableHLO `tan`](https://openxla.org/stablehlo/spec#tan))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).tan().to_vec::<f32>()?, [0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn tan(&self) -> Self {
        apply(Tan, &[self])
    }
}

/// `sin x / cos x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tan;

impl Op for Tan {
    const NAME: &'static str = "tan";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::tanf, libm::tan)
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let y = &results[0];
        vec![Some(&gradients[0] * (y * y + 1))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Tan")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.5_f32, 1.0, -2.5]])]),
            Sample::new(Self, [Tensor::from([0.25_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.25)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(Tan);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinities_have_none_and_zero_keeps_its_sign() {
        let y = Tensor::from([-0.0_f64]).tan().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[-0.0]));
        assert!(
            Tensor::from([f64::INFINITY, f64::NAN]).tan().to_vec::<f64>().unwrap().iter().all(|y| y.is_nan())
        );
    }
}
