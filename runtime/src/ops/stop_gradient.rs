//! A value that gradients do not flow through.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The same tensor, which counts as a constant when gradients are taken. Every dtype.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 2.0]).stop_gradient().to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn stop_gradient(&self) -> Self {
        apply(StopGradient, &[self])
    }
}

/// The operand, as a constant for gradients.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StopGradient;

impl Op for StopGradient {
    const NAME: &'static str = "stop_gradient";
    const NO_GRADIENT: Option<&'static str> = Some("it is there to stop gradients");

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, |_| true, "all")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        Ok(operands.to_vec())
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Identity")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[1.0_f32, -2.0]])]),
            Sample::new(Self, [Tensor::from([1_u8])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<bool>::new())]),
        ]
    }
}

op!(StopGradient);
