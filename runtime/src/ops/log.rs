//! The natural logarithm.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The natural logarithm of each element. Float dtypes.
    /// ([StableHLO `log`](https://openxla.org/stablehlo/spec#log))
    ///
    /// Of 0 it is negative infinity, and its gradient `1 / x` infinite; of negative numbers both are NaN.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 0.0]).log().to_vec::<f32>()?, [0.0, f32::NEG_INFINITY]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn log(&self) -> Self {
        apply(Log, &[self])
    }
}

/// `ln x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Log;

impl Op for Log {
    const NAME: &'static str = "log";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::logf, libm::log)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::ln)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(&gradients[0] / &operands[0])]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Log")
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

op!(Log);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_those_of_ieee_754() {
        let x = [0.0_f64, -0.0, -1.0, f64::INFINITY, f64::NAN];
        let y = Tensor::from(x).log().to_vec::<f64>().unwrap();
        assert_eq!(y[..2], [f64::NEG_INFINITY; 2]);
        assert!(y[2].is_nan() && y[4].is_nan());
        assert_eq!(y[3], f64::INFINITY);
    }
}
