//! The logistic function.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// `1 / (1 + e^-x)` of each element, between 0 and 1. Float dtypes.
    /// ([StableHLO `logistic`](https://openxla.org/stablehlo/spec#logistic))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).sigmoid().to_vec::<f32>()?, [0.5]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn sigmoid(&self) -> Self {
        apply(Logistic, &[self])
    }
}

/// `1 / (1 + e^-x)`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Logistic;

impl Op for Logistic {
    const NAME: &'static str = "logistic";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], single, double)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::logistic)
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let y = &results[0];
        vec![Some(&gradients[0] * y * (1 - y))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Sigmoid")
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

/// `(n, e)` where the result is `n / (1 + e)`. The exponential is at most 1 and never overflows, so that far below 0 the
/// result is `e^x` and not 0.
fn parts(x: f64) -> (f64, f64) {
    let e = libm::exp(-x.abs());
    (if x < 0.0 { e } else { 1.0 }, e)
}

fn single(x: f32) -> f32 {
    let (n, e) = parts(x.into());
    (n / (1.0 + e)) as f32
}

/// One step of correction takes out the errors of the sum and of the division: within 1.5 ULP.
fn double(x: f64) -> f64 {
    let (n, e) = parts(x);
    let sum = 1.0 + e;
    let lost = (1.0 - sum) + e;
    let quotient = n / sum;
    let rest = libm::fma(-quotient, sum, n) - quotient * lost;
    quotient + rest / sum
}

op!(Logistic);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_keep_their_digits() {
        let y =
            Tensor::from([-100.0_f32, f32::NEG_INFINITY, f32::INFINITY]).sigmoid().to_vec::<f32>().unwrap();
        assert_eq!(y, [3.8e-44, 0.0, 1.0]);
        let y = Tensor::from([-745.0_f64]).sigmoid().to_vec::<f64>().unwrap();
        assert_eq!(y, [5e-324]);
    }
}
