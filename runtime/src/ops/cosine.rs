//! The cosine.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The cosine of each element, in radians. Float dtypes.
    /// ([StableHLO `cosine`](https://openxla.org/stablehlo/spec#cosine))
    ///
    /// Of an infinity it is NaN. Large angles are reduced exactly.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).cos().to_vec::<f32>()?, [1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn cos(&self) -> Self {
        apply(Cosine, &[self])
    }
}

/// `cos x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cosine;

impl Op for Cosine {
    const NAME: &'static str = "cosine";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::cosf, libm::cos)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::cos)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(-(&gradients[0] * operands[0].sin()))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Cos")
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

op!(Cosine);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinite_angles_have_none_and_large_ones_are_exact() {
        let y = Tensor::from([f64::INFINITY, 1e22]).cos().to_vec::<f64>().unwrap();
        assert!(y[0].is_nan());
        // cos(10^22) to 20 digits, from mpmath.
        assert_eq!(y[1], 0.523_214_785_395_139);
    }
}
