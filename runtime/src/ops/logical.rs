//! `and`, `or`, `xor` and `not` of truth values.

use serde::{Deserialize, Serialize};

use super::binary::{self, zip};
use super::operand::Operand;
use super::unary::{self, map};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

const NO_GRADIENT: Option<&str> = Some("its operands and its result are truth values");

macro_rules! logical {
    ($($method:ident, $op:ident, $name:literal, $onnx:literal, $doc:literal, $function:expr;)*) => {
        impl Tensor {$(
            #[doc = concat!($doc, ", element by element, broadcast as in NumPy. Tensors of `bool`.")]
            #[track_caller]
            pub fn $method(&self, other: impl Operand) -> Self {
                binary::broadcast_apply($op, self, other)
            }
        )*}

        $(
            #[doc = concat!($doc, ".")]
            #[derive(Clone, Debug, Serialize, Deserialize)]
            pub struct $op;

            impl Op for $op {
                const NAME: &'static str = $name;
                const NO_GRADIENT: Option<&'static str> = NO_GRADIENT;

                fn infer(&self, operands: &[TensorType], constraints: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
                    binary::infer(operands, constraints, is_bool, "bool")
                }

                fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
                    let [left, right] = operands else { return Err(check_failed("it takes 2 operands")) };
                    zip::<bool, bool>(left, right, $function)
                }

                fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
                    vec![None, None]
                }

                fn onnx(&self) -> Mapping {
                    Mapping::Operator($onnx)
                }

                fn samples() -> Vec<Sample> {
                    let (a, b) = (Tensor::from([true, true, false, false]), Tensor::from([true, false, true, false]));
                    vec![
                        Sample::new(Self, [a, b]),
                        Sample::new(Self, [Tensor::scalar(true), Tensor::scalar(false)]),
                        Sample::new(Self, [Tensor::from_vec([1, 0], Vec::<bool>::new()), Tensor::from_vec([1, 0], Vec::<bool>::new())]),
                    ]
                }
            }

            op!($op);
        )*
    };
}

logical! {
    logical_and, And, "and", "And", "Whether both are true", |x, y| x && y;
    logical_or, Or, "or", "Or", "Whether one is true", |x, y| x || y;
    logical_xor, Xor, "xor", "Xor", "Whether exactly one is true", |x, y| x != y;
}

fn is_bool(dtype: DType) -> bool {
    dtype == DType::Bool
}

impl Tensor {
    /// Whether each element is false. Tensors of `bool`.
    #[track_caller]
    pub fn logical_not(&self) -> Self {
        apply(Not, &[self])
    }
}

/// Whether the operand is false.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Not;

impl Op for Not {
    const NAME: &'static str = "not";
    const NO_GRADIENT: Option<&'static str> = NO_GRADIENT;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, is_bool, "bool")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        map::<bool, bool>(&operands[0], |x| !x)
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Not")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[true], [false]])]),
            Sample::new(Self, [Tensor::from(Vec::<bool>::new())]),
        ]
    }
}

op!(Not);
