//! `+ - * / %`, `+= -= *= /= %=`, `-x`, and the bits of integers and truth values, `& | ^ << >>` and `!x`, on tensors, variables
//! and numbers.
//!
//! On the right stands every operand. On the left stand tensors, variables, and the numbers `f64` and `i64`: with more types
//! of numbers there, the compiler could not tell which one a literal is, and `(1.0 - &x).log()` would need a suffix.

use std::ops::{
    Add, AddAssign, BitAnd, BitOr, BitXor, Div, DivAssign, Mul, MulAssign, Neg, Not, Rem, RemAssign, Shl,
    Shr, Sub, SubAssign,
};

use super::operand::Operand;
use crate::graph::Variable;
use crate::tensor::Tensor;

/// The left side, seen with the right one: a number takes the dtype of the tensor it meets.
#[track_caller]
fn left(left: impl Operand, right: &Tensor) -> Tensor {
    left.to_tensor(right)
}

macro_rules! operator {
    ($trait:ident, $method:ident, $function:ident, [$($number:ty),*]) => {
        operator!(@tensor $trait, $method, $function, [Tensor, &Tensor, Variable, &Variable]);
        operator!(@number $trait, $method, $function, [$($number),*]);
    };
    (@tensor $trait:ident, $method:ident, $function:ident, [$($left:ty),*]) => {$(
        impl<O: Operand> $trait<O> for $left {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, right: O) -> Tensor {
                Tensor::$function(&Tensor::from(self), right)
            }
        }
    )*};
    (@number $trait:ident, $method:ident, $function:ident, [$($left:ty),*]) => {$(
        operator!(@number_with $trait, $method, $function, $left, [Tensor, &Tensor, Variable, &Variable]);
    )*};
    (@number_with $trait:ident, $method:ident, $function:ident, $left:ty, [$($right:ty),*]) => {$(
        impl $trait<$right> for $left {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, right: $right) -> Tensor {
                let right = Tensor::from(right);
                Tensor::$function(&left(self, &right), right)
            }
        }
    )*};
}

operator!(Add, add, add, [f64, i64]);
operator!(Sub, sub, subtract, [f64, i64]);
operator!(Mul, mul, multiply, [f64, i64]);
operator!(Div, div, divide, [f64, i64]);
operator!(Rem, rem, remainder, [f64, i64]);
operator!(BitAnd, bitand, bitwise_and, [i64, bool]);
operator!(BitOr, bitor, bitwise_or, [i64, bool]);
operator!(BitXor, bitxor, bitwise_xor, [i64, bool]);
operator!(Shl, shl, shift_left, [i64]);
operator!(Shr, shr, shift_right, [i64]);

macro_rules! assignment {
    ($($trait:ident $method:ident $function:ident),*) => {$(
        /// Puts the result in the place of the left side.
        impl<O: Operand> $trait<O> for Tensor {
            #[track_caller]
            fn $method(&mut self, right: O) {
                *self = Tensor::$function(self, right);
            }
        }
    )*};
}

assignment!(
    AddAssign add_assign add,
    SubAssign sub_assign subtract,
    MulAssign mul_assign multiply,
    DivAssign div_assign divide,
    RemAssign rem_assign remainder
);

macro_rules! prefix {
    ($trait:ident, $method:ident, $function:ident, [$($type:ty),*]) => {$(
        impl $trait for $type {
            type Output = Tensor;

            #[track_caller]
            fn $method(self) -> Tensor {
                Tensor::$function(&Tensor::from(self))
            }
        }
    )*};
}

prefix!(Neg, neg, negate, [Tensor, &Tensor, Variable, &Variable]);
prefix!(Not, not, bitwise_not, [Tensor, &Tensor, Variable, &Variable]);

impl From<Variable> for Tensor {
    #[track_caller]
    fn from(variable: Variable) -> Self {
        variable.value()
    }
}
