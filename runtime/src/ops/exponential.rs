//! The exponential function.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// `e` to the power of each element. Float dtypes.
    /// ([StableHLO `exponential`](https://openxla.org/stablehlo/spec#exponential))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).exp().to_vec::<f32>()?, [1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn exp(&self) -> Self {
        apply(Exponential, &[self])
    }
}

/// `e^x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exponential;

impl Op for Exponential {
    const NAME: &'static str = "exponential";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::expf, libm::exp)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::exp)
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(gradients[0].multiply(&results[0]))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Exp")
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

op!(Exponential);
