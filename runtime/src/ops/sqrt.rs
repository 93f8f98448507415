//! The square root.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The square root of each element. Float dtypes.
    /// ([StableHLO `sqrt`](https://openxla.org/stablehlo/spec#sqrt))
    ///
    /// Of negative numbers it is NaN. At 0 the gradient is infinite, as it is in mathematics, and times a gradient of 0 it
    /// is NaN, as in JAX and TensorFlow: add a small number before the root where 0 can occur.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([4.0_f32, 2.25]).sqrt().to_vec::<f32>()?, [2.0, 1.5]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn sqrt(&self) -> Self {
        apply(Sqrt, &[self])
    }
}

/// `√x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sqrt;

impl Op for Sqrt {
    const NAME: &'static str = "sqrt";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::sqrtf, libm::sqrt)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::sqrt)
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(&gradients[0] * 0.5 / &results[0])]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Sqrt")
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

op!(Sqrt);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_those_of_ieee_754() {
        let y = Tensor::from([-0.0_f32, f32::INFINITY, -1.0]).sqrt().to_vec::<f32>().unwrap();
        assert_eq!((y[0].to_bits(), y[1]), ((-0.0_f32).to_bits(), f32::INFINITY));
        assert!(y[2].is_nan());
    }

    #[test]
    fn the_gradient_at_zero_is_infinite() {
        let zero = Tensor::scalar(0.0_f64);
        let gradient = Sqrt
            .gradient(std::slice::from_ref(&zero), std::slice::from_ref(&zero), &[Tensor::scalar(1.0_f64)])
            .remove(0)
            .unwrap();
        assert_eq!(gradient.to_scalar::<f64>().unwrap(), f64::INFINITY);
    }
}
