//! `and`, `or`, `xor` and `not` of truth values, and of the bits of integers.

use serde::{Deserialize, Serialize};

use super::binary::{self, zip};
use super::bits::Bits;
use super::operand::Operand;
use super::unary::{self, dtype_error, map, require};
use crate::error::{Location, Result};
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

const NO_GRADIENT: Option<&str> = Some("its operands and its result are truth values or integers");

macro_rules! logical {
    ($($logical:ident, $bitwise:ident, $op:ident, $name:literal, $function:ident, $onnx:literal, $doc:literal, $bits:literal;)*) => {
        impl Tensor {$(
            #[doc = concat!($doc, ", element by element, broadcast as in NumPy. Tensors of `bool`.")]
            #[doc = concat!("([StableHLO `", $name, "`](https://openxla.org/stablehlo/spec#", $name, "))")]
            #[track_caller]
            pub fn $logical(&self, other: impl Operand) -> Self {
                let location = Location::caller();
                let other = other.to_tensor(self);
                if let Err(message) = truth(self).and_then(|()| truth(&other)) {
                    return Self::failed($name, &[self, &other], message, location);
                }
                binary::broadcast_apply($op, self, other)
            }

            #[doc = concat!($bits, ", broadcast as in NumPy. Tensors of integers or `bool`, the same dtype on both sides.")]
            #[doc = concat!("([StableHLO `", $name, "`](https://openxla.org/stablehlo/spec#", $name, "))")]
            #[track_caller]
            pub fn $bitwise(&self, other: impl Operand) -> Self {
                binary::broadcast_apply($op, self, other)
            }
        )*}

        $(
            #[doc = concat!($doc, ".")]
            #[derive(Clone, Debug, Serialize, Deserialize)]
            pub struct $op;

            impl Op for $op {
                const NAME: &'static str = $name;
                const ELEMENT_WISE: bool = true;
                const NO_GRADIENT: Option<&'static str> = NO_GRADIENT;

                fn infer(&self, operands: &[TensorType], constraints: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
                    binary::infer(operands, constraints, has_bits, "integer or bool")
                }

                fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
                    let [left, right] = operands else { return Err(check_failed("it takes 2 operands")) };
                    match left.dtype() {
                        DType::Bool => zip::<bool, bool>(left, right, &Bits::$function),
                        dtype => for_dtype!(dtype, T in int => zip::<T, T>(left, right, &Bits::$function), else => Err(dtype_error(left))),
                    }
                }

                fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
                    (operands == [DType::Bool; 2]).then(|| ElementKernel::plain2(<bool as Bits>::$function))
                }

                fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
                    vec![None, None]
                }

                fn onnx(&self) -> Mapping {
                    Mapping::Composition($onnx)
                }

                fn samples() -> Vec<Sample> {
                    let (a, b) = (Tensor::from([true, true, false, false]), Tensor::from([true, false, true, false]));
                    vec![
                        Sample::new(Self, [a, b]),
                        Sample::new(Self, [Tensor::scalar(true), Tensor::scalar(false)]),
                        Sample::new(Self, [Tensor::from([12_i8, -1]), Tensor::from([10_i8, 7])]),
                        Sample::new(Self, [Tensor::from_vec([1, 0], Vec::<bool>::new()), Tensor::from_vec([1, 0], Vec::<bool>::new())]),
                    ]
                }
            }

            op!($op);
        )*
    };
}

logical! {
    logical_and, bitwise_and, And, "and", and, "And, BitwiseAnd", "Whether both are true", "The bits that are set in both";
    logical_or, bitwise_or, Or, "or", or, "Or, BitwiseOr", "Whether one is true", "The bits that are set in one";
    logical_xor, bitwise_xor, Xor, "xor", xor, "Xor, BitwiseXor", "Whether exactly one is true", "The bits that are set in exactly one";
}

fn has_bits(dtype: DType) -> bool {
    !dtype.is_float()
}

/// Whether a tensor holds truth values; one that is an error may.
fn truth(tensor: &Tensor) -> Result<(), String> {
    type_of(tensor).map_or(Ok(()), |kind| require(kind.dtype, |dtype| dtype == DType::Bool, "bool"))
}

impl Tensor {
    /// Whether each element is false. Tensors of `bool`.
    /// ([StableHLO `not`](https://openxla.org/stablehlo/spec#not))
    #[track_caller]
    pub fn logical_not(&self) -> Self {
        let location = Location::caller();
        match truth(self) {
            Ok(()) => apply(Not, &[self]),
            Err(message) => Self::failed(Not::NAME, &[self], message, location),
        }
    }

    /// The bits that are not set. Tensors of integers or `bool`.
    /// ([StableHLO `not`](https://openxla.org/stablehlo/spec#not))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([5_u8, 0]).bitwise_not().to_vec::<u8>()?, [250, 255]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn bitwise_not(&self) -> Self {
        apply(Not, &[self])
    }
}

/// Whether the operand is false; of an integer, the bits that are not set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Not;

impl Op for Not {
    const NAME: &'static str = "not";
    const ELEMENT_WISE: bool = true;
    const NO_GRADIENT: Option<&'static str> = NO_GRADIENT;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, has_bits, "integer or bool")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        match operands[0].dtype() {
            DType::Bool => map::<bool, bool>(&operands[0], &Bits::not),
            dtype => {
                for_dtype!(dtype, T in int => map::<T, T>(&operands[0], &Bits::not), else => Err(dtype_error(&operands[0])))
            }
        }
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        (operands == [DType::Bool]).then(|| ElementKernel::plain1(<bool as Bits>::not))
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Not, BitwiseNot")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[true], [false]])]),
            Sample::new(Self, [Tensor::from(Vec::<bool>::new())]),
            Sample::new(Self, [Tensor::from([0_u16, 7])]),
        ]
    }
}

op!(Not);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_bits_and_no_truth() {
        let (x, y) = (Tensor::from([12_i32, -1]), Tensor::from([10_i32, 7]));
        let bits = |found: Tensor| found.to_vec::<i32>().unwrap();
        assert_eq!(
            (bits(&x & &y), bits(&x | &y), bits(&x ^ 0b1010), bits(!x.clone())),
            (vec![8, 7], vec![14, -1], vec![6, -11], vec![-13, 0],)
        );
        for wrong in [x.logical_and(&y), x.logical_not(), x.equal(0).logical_or(&y)] {
            assert!(wrong.error().unwrap().to_string().contains("bool tensors, not i32"));
        }
        assert!((Tensor::from([1.0_f32]) & 1).error().unwrap().to_string().contains("integer or bool"));
        assert_eq!((Tensor::from([true, false]) ^ true).to_vec::<bool>().unwrap(), [false, true]);
    }
}
