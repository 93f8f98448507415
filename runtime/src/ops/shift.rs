//! Bits moved up and down.

use serde::{Deserialize, Serialize};

use super::binary::{self, zip};
use super::bits::Word;
use super::operand::Operand;
use super::unary::dtype_error;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

macro_rules! shifts {
    ($($method:ident, $op:ident, $doc:literal, $onnx:expr;)*) => {
        impl Tensor {$(
            #[doc = concat!($doc, ", broadcast as in NumPy. Integer dtypes, the same on both sides.")]
            ///
            /// An amount that is negative or not less than the width moves all bits out.
            #[doc = concat!("([StableHLO `", stringify!($method), "`](https://openxla.org/stablehlo/spec#", stringify!($method), "))")]
            #[track_caller]
            pub fn $method(&self, amount: impl Operand) -> Self {
                binary::broadcast_apply($op, self, amount)
            }
        )*}

        $(
            #[doc = concat!($doc, ".")]
            #[derive(Clone, Debug, Serialize, Deserialize)]
            pub struct $op;

            impl Op for $op {
                const NAME: &'static str = stringify!($method);
                const ELEMENT_WISE: bool = true;
                const NO_GRADIENT: Option<&'static str> = Some("its operands and its result are integers");

                fn infer(&self, operands: &[TensorType], constraints: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
                    binary::infer(operands, constraints, DType::is_int, "integer")
                }

                fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
                    let [left, right] = operands else { return Err(check_failed("it takes 2 operands")) };
                    for_dtype!(left.dtype(), T in int => zip::<T, T>(left, right, &Word::$method), else => Err(dtype_error(left)))
                }

                fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
                    vec![None, None]
                }

                fn onnx(&self) -> Mapping {
                    $onnx
                }

                fn samples() -> Vec<Sample> {
                    let empty = || Tensor::from_vec([0, 2], Vec::<u16>::new());
                    vec![
                        Sample::new(Self, [Tensor::from([[i8::MIN, -1, 5]]), Tensor::from([[1_i8, 8, -1]])]),
                        Sample::new(Self, [Tensor::from([u64::MAX, 6]), Tensor::from([63_u64, 64])]),
                        Sample::new(Self, [Tensor::scalar(-9_i32), Tensor::scalar(2_i32)]),
                        Sample::new(Self, [empty(), empty()]),
                    ]
                }
            }

            op!($op);
        )*
    };
}

shifts! {
    shift_left, ShiftLeft, "The bits of each element moved up by an amount, with zeros after them",
        Mapping::Composition("BitShift");
    shift_right_arithmetic, ShiftRightArithmetic, "The bits of each element moved down by an amount, with copies of the top bit before them",
        Mapping::Unsupported("ONNX shifts unsigned integers only");
    shift_right_logical, ShiftRightLogical, "The bits of each element moved down by an amount, with zeros before them",
        Mapping::Composition("BitShift");
}

impl Tensor {
    /// The bits of each element moved down by an amount, as `>>` in Rust: [`Tensor::shift_right_arithmetic`] for signed
    /// integers, [`Tensor::shift_right_logical`] for unsigned ones.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!((Tensor::from([-8_i32, 8]) >> 1).to_vec::<i32>()?, [-4, 4]);
    /// assert_eq!((Tensor::from([0x80_u8]) >> 7).to_vec::<u8>()?, [1]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn shift_right(&self, amount: impl Operand) -> Self {
        if self.dtype().is_unsigned_int() {
            self.shift_right_logical(amount)
        } else {
            self.shift_right_arithmetic(amount)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_beyond_the_width_are_those_of_stablehlo() {
        let x = Tensor::from([i8::MIN, -1, 5]);
        let by = |shifted: Tensor| shifted.to_vec::<i8>().unwrap();
        for amount in [8, 9, -1] {
            assert_eq!(by(x.shift_left(amount)), [0, 0, 0]);
            assert_eq!(by(x.shift_right_logical(amount)), [0, 0, 0]);
            assert_eq!(by(x.shift_right_arithmetic(amount)), [-1, -1, 0]);
        }
        assert_eq!(by(x.shift_right_logical(1)), [64, 127, 2]);
        assert_eq!(by(x.shift_right_arithmetic(7)), [-1, -1, 0]);
        let unsigned = Tensor::from([200_u8, 3]).shift_right_arithmetic(1);
        assert_eq!(unsigned.to_vec::<u8>().unwrap(), [228, 1]);
        assert!(
            Tensor::from([1.0_f32]).shift_left(1).error().unwrap().to_string().contains("integer tensors")
        );
    }
}
