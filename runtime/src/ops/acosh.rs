//! The inverse of the hyperbolic cosine.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The number, at least 0, whose hyperbolic cosine each element is; NaN below 1. Float dtypes.
    /// ([CHLO `acosh`](https://openxla.org/stablehlo/generated/chlo#chloacosh_chloacoshop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32]).acosh().to_vec::<f32>()?, [0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn acosh(&self) -> Self {
        apply(Acosh, &[self])
    }
}

/// `ln(x + √(x² - 1))`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Acosh;

impl Op for Acosh {
    const NAME: &'static str = "acosh";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::acoshf, libm::acosh)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(&gradients[0] * ((x - 1) * (x + 1)).rsqrt())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Acosh")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[1.5_f32, 2.0, 7.5]])]),
            Sample::new(Self, [Tensor::from([1.25_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(1.25)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(Acosh);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact_and_there_is_none_below_1() {
        let y = Tensor::from([1.0_f64, f64::INFINITY]).acosh().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[0.0, f64::INFINITY]));
        assert!(
            Tensor::from([0.5_f64, -3.0, f64::NEG_INFINITY, f64::NAN])
                .acosh()
                .to_vec::<f64>()
                .unwrap()
                .iter()
                .all(|y| y.is_nan())
        );
    }
}
