//! The hyperbolic cosine.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The hyperbolic cosine of each element, at least 1. Float dtypes.
    /// ([CHLO `cosh`](https://openxla.org/stablehlo/generated/chlo#chlocosh_chlocoshop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).cosh().to_vec::<f32>()?, [1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn cosh(&self) -> Self {
        apply(Cosh, &[self])
    }
}

/// `(e^x + e^-x) / 2`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cosh;

impl Op for Cosh {
    const NAME: &'static str = "cosh";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::coshf, libm::cosh)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(&gradients[0] * x.sinh())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Cosh")
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

op!(Cosh);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact() {
        let y = Tensor::from([-0.0_f64, f64::NEG_INFINITY, 800.0]).cosh().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[1.0, f64::INFINITY, f64::INFINITY]));
    }
}
