//! The reciprocal of the square root.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// `1 / √x` of each element. Float dtypes.
    /// ([StableHLO `rsqrt`](https://openxla.org/stablehlo/spec#rsqrt))
    ///
    /// Of 0 it is infinity with the sign of the zero; of negative numbers NaN.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([4.0_f32, 0.25]).rsqrt().to_vec::<f32>()?, [0.5, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn rsqrt(&self) -> Self {
        apply(Rsqrt, &[self])
    }
}

/// `1 / √x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rsqrt;

impl Op for Rsqrt {
    const NAME: &'static str = "rsqrt";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], |x| double(x.into()) as f32, double)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::rsqrt)
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(&gradients[0] * -0.5 * &results[0] / &operands[0])]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Sqrt, Reciprocal")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.25_f32, 1.0, 2.5]])]),
            Sample::new(Self, [Tensor::from([0.5_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.5)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

fn double(x: f64) -> f64 {
    1.0 / libm::sqrt(x)
}

op!(Rsqrt);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_those_of_ieee_754() {
        let y = Tensor::from([0.0_f32, -0.0, f32::INFINITY, -1.0]).rsqrt().to_vec::<f32>().unwrap();
        assert_eq!(y[..3], [f32::INFINITY, f32::NEG_INFINITY, 0.0]);
        assert!(y[3].is_nan());
    }
}
