//! A check that numbers are finite.

use serde::{Deserialize, Serialize};

use super::number::Float;
use super::position::position;
use super::unary::{self, dtype_error};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// The same tensor, or an error when the function runs if an element is infinite or NaN. Float dtypes.
    ///
    /// The error names `what` is wrong and the first such element: `loss is nan at [0]`. It stays in a saved model. The
    /// gradient passes through.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1.0_f32, 0.0]);
    /// assert_eq!(x.check_finite("input").to_vec::<f32>()?, [1.0, 0.0]);
    /// let error = x.log().check_finite("logarithm").to_vec::<f32>().unwrap_err();
    /// assert!(error.to_string().contains("logarithm is -inf at [1]"));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn check_finite(&self, what: &str) -> Self {
        apply(CheckFinite { what: what.to_owned() }, &[self])
    }
}

/// The operand, if all of it is finite.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckFinite {
    /// What the operand is, for the error.
    pub what: String,
}

impl CheckFinite {
    fn check<T: Float>(&self, operand: &Data) -> Result<Vec<Data>> {
        let wrong = operand.elements::<T>()?.iter().enumerate().find(|(_, element)| !element.is_finite());
        let Some((index, element)) = wrong else { return Ok(vec![operand.clone()]) };
        let found = element.to_f64().to_string().to_lowercase();
        Err(check_failed(format!("{} is {found}{}", self.what, position(index, operand.sizes()))))
    }
}

impl Op for CheckFinite {
    const NAME: &'static str = "check_finite";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let operand = &operands[0];
        for_dtype!(operand.dtype(), T in float => self.check::<T>(operand), else => Err(dtype_error(operand)))
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(gradients[0].clone())]
    }

    fn onnx(&self) -> Mapping {
        // ONNX has no checks: the values pass through.
        Mapping::Operator("Identity")
    }

    fn samples() -> Vec<Sample> {
        let op = || Self { what: "x".into() };
        vec![
            Sample::new(op(), [Tensor::from([[0.5_f32, 1.0, -2.5]])]),
            Sample::new(op(), [Tensor::from([-3.0_f64])]),
            Sample::new(op(), [Tensor::from([half::f16::MAX])]),
            Sample::new(op(), [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(CheckFinite);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_the_first_element_that_is_not_finite() {
        let error = |x: Tensor| x.check_finite("loss").ok().unwrap_err().to_string();
        let found = error(Tensor::from([f32::NAN, f32::INFINITY]));
        assert!(found.starts_with("loss is nan at [0]\n"), "{found}");
        let found = error(Tensor::from([[0.0_f64, 1.0], [2.0, f64::NEG_INFINITY]]));
        assert!(found.starts_with("loss is -inf at [1, 1]\n"), "{found}");
        let found = error(Tensor::scalar(half::bf16::INFINITY));
        assert!(found.starts_with("loss is inf\n"), "{found}");
        assert!(found.contains("check_finite.rs"), "{found}");
    }
}
