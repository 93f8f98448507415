//! The angle of a point.

use serde::{Deserialize, Serialize};

use super::binary::{self, zip};
use super::number::{Float, Number};
use super::operand::Operand;
use super::unary::dtype_error;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// The angle, between -π and π, of the point whose height is this tensor's element and whose width is the other's:
    /// `y.atan2(&x)`, broadcast as in NumPy. Float dtypes, the same on both sides.
    /// ([StableHLO `atan2`](https://openxla.org/stablehlo/spec#atan2))
    ///
    /// The signs of zeros count, as IEEE 754 states. The gradient at the origin is NaN.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let angle = Tensor::from([0.0_f32, -0.0]).atan2(-1.0);
    /// assert_eq!(angle.to_vec::<f32>()?, [std::f32::consts::PI, -std::f32::consts::PI]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn atan2(&self, x: impl Operand) -> Self {
        binary::broadcast_apply(Atan2, self, x)
    }
}

/// The angle of the point `(x, y)`; `y` is the first operand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Atan2;

impl Op for Atan2 {
    const NAME: &'static str = "atan2";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        binary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [y, x] = operands else { return Err(check_failed("it takes 2 operands")) };
        for_dtype!(y.dtype(), T in float => zip::<T, T>(y, x, &|y, x| {
            T::from_f64(libm::atan2(y.to_f64(), x.to_f64()))
        }), else => Err(dtype_error(y)))
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (y, x, gradient) = (&operands[0], &operands[1], &gradients[0]);
        let square = x * x + y * y;
        vec![Some(gradient * x / &square), Some(-gradient * y / square)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Div, Atan, Where")
    }

    fn samples() -> Vec<Sample> {
        let empty = || Tensor::from_vec([0, 2], Vec::<half::f16>::new());
        vec![
            Sample::new(Self, [Tensor::from([[1.5_f32, -0.5]]), Tensor::from([[-2.5_f32, 1.0]])]),
            Sample::new(Self, [Tensor::scalar(2.5_f64), Tensor::scalar(-1.5_f64)]),
            Sample::new(Self, [empty(), empty()]),
        ]
    }
}

op!(Atan2);
