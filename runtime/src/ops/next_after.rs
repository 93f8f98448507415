//! The neighbouring number.

use half::{bf16, f16};
use serde::{Deserialize, Serialize};

use super::binary::{self, zip};
use super::number::Number;
use super::operand::Operand;
use super::unary::dtype_error;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// The next number of the dtype after each element toward another, broadcast as in NumPy. Float dtypes, the same on
    /// both sides. The gradient goes to this tensor.
    /// ([CHLO `next_after`](https://openxla.org/stablehlo/generated/chlo#chlonext_after_chlonextafterop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let next = Tensor::scalar(1.0_f32).next_after(2.0);
    /// assert_eq!(next.to_scalar::<f32>()?, 1.0 + f32::EPSILON);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn next_after(&self, toward: impl Operand) -> Self {
        binary::broadcast_apply(NextAfter, self, toward)
    }
}

/// The neighbour of the first operand on the side of the second.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NextAfter;

trait Neighbour: Number {
    fn toward(self, other: Self) -> Self;
}

macro_rules! neighbours {
    ($($type:ty),*) => {$(
        impl Neighbour for $type {
            fn toward(self, other: Self) -> Self {
                let sign = Self::to_bits(Number::negate(Self::ZERO));
                if self.is_nan() || other.is_nan() {
                    Self::NAN
                } else if self == other {
                    other
                } else if self == Self::ZERO {
                    Self::from_bits(1 | (other.to_bits() & sign))
                } else if (self < other) == (self > Self::ZERO) {
                    Self::from_bits(self.to_bits() + 1)
                } else {
                    Self::from_bits(self.to_bits() - 1)
                }
            }
        }
    )*};
}

neighbours!(f32, f64, f16, bf16);

impl Op for NextAfter {
    const NAME: &'static str = "next_after";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        binary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [x, y] = operands else { return Err(check_failed("it takes 2 operands")) };
        for_dtype!(x.dtype(), T in float => zip::<T, T>(x, y, &Neighbour::toward), else => Err(dtype_error(x)))
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(gradients[0].clone()), None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Unsupported("ONNX has no neighbours of floats")
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

op!(NextAfter);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_pass_zero_and_reach_infinity() {
        let next = |x: f32, y: f32| Neighbour::toward(x, y);
        assert_eq!(next(0.0, -1.0), -f32::from_bits(1));
        assert_eq!(next(-0.0, 1.0), f32::from_bits(1));
        assert!(next(f32::from_bits(1), -1.0) == 0.0 && next(0.0, -0.0).is_sign_negative());
        assert_eq!(next(f32::MAX, f32::INFINITY), f32::INFINITY);
        assert_eq!(next(f32::NEG_INFINITY, 0.0), f32::MIN);
        assert!(next(f32::NAN, 1.0).is_nan() && next(1.0, f32::NAN).is_nan());
        assert_eq!(Neighbour::toward(f16::MAX, f16::INFINITY), f16::INFINITY);
    }
}
