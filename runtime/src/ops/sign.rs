//! The sign.

use serde::{Deserialize, Serialize};

use super::number::Number;
use super::unary::{self, NumberFunction, is_signed};
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// -1, 0 or 1 for each element that is negative, zero or positive. Numeric dtypes; the gradient is 0.
    /// ([StableHLO `sign`](https://openxla.org/stablehlo/spec#sign))
    ///
    /// A zero keeps its sign, and a NaN stays.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-2.5_f32, 0.0, 3.0]).sign().to_vec::<f32>()?, [-1.0, 0.0, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn sign(&self) -> Self {
        let dtype = self.dtype();
        if dtype.is_unsigned_int() { self.not_equal(0).cast(dtype) } else { apply(Sign, &[self]) }
    }
}

/// -1, 0 or 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sign;

struct Kernel;

impl NumberFunction for Kernel {
    fn call<T: Number>(x: T) -> T {
        x.sign()
    }
}

impl Op for Sign {
    const NAME: &'static str = "sign";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, is_signed, "signed numeric")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::numeric::<Kernel>(&operands[0])
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::element::<Kernel>(operands)
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        // Constant on either side of 0.
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Sign")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.5_f32, 1.0, -2.5]])]),
            Sample::new(Self, [Tensor::from([-0.5_f64])]),
            Sample::new(Self, [Tensor::from([i8::MIN, 0, 3])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(-0.5)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(Sign);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_keep_their_sign_and_nan_stays() {
        let y = Tensor::from([-0.0_f64, 5e-324, f64::NEG_INFINITY, f64::NAN]).sign().to_vec::<f64>().unwrap();
        assert_eq!((y[0].to_bits(), y[1], y[2]), ((-0.0_f64).to_bits(), 1.0, -1.0));
        assert!(y[3].is_nan());
        assert_eq!(Tensor::from([200_u8, 0]).sign().to_vec::<u8>().unwrap(), [1, 0]);
    }
}
