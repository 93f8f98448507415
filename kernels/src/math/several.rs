//! Numbers that are computed side by side.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::function::Arithmetic;
use crate::element::block::each;

/// `N` numbers, at most 4. The steps of a function wait for each other; those for several numbers do not, if they take turns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Several<const N: usize>(pub [f32; N]);

impl<const N: usize> Several<N> {
    /// The same number in all places.
    #[inline(always)]
    pub fn all(x: f32) -> Self {
        Self([x; N])
    }

    /// A function of each number.
    #[inline(always)]
    pub fn map(self, function: impl Fn(f32) -> f32) -> Self {
        Self(each(
            #[inline(always)]
            |at| function(self.0[at]),
        ))
    }

    /// A function of each number and the other in its place.
    #[inline(always)]
    pub fn zip<T: Copy>(self, others: [T; N], function: impl Fn(f32, T) -> f32) -> Self {
        Self(each(
            #[inline(always)]
            |at| function(self.0[at], others[at]),
        ))
    }

    /// What is true of which number.
    #[inline(always)]
    pub fn are(self, test: impl Fn(f32) -> bool) -> [bool; N] {
        each(
            #[inline(always)]
            |at| test(self.0[at]),
        )
    }

    /// These numbers where the condition holds, and others elsewhere.
    #[inline(always)]
    pub fn where_or(self, condition: [bool; N], others: Self) -> Self {
        Self(each(
            #[inline(always)]
            |at| if condition[at] { self.0[at] } else { others.0[at] },
        ))
    }

    /// `self * factor + addend`.
    #[inline(always)]
    pub fn mul_add<A: Arithmetic>(self, factor: Self, addend: Self) -> Self {
        Self(each(
            #[inline(always)]
            |at| A::mul_add(self.0[at], factor.0[at], addend.0[at]),
        ))
    }

    /// The polynomial with these coefficients, the highest power first.
    #[inline(always)]
    pub fn polynomial<A: Arithmetic, const M: usize>(self, coefficients: [f32; M]) -> Self {
        let mut sum = Self::all(coefficients[0]);
        for &coefficient in &coefficients[1..] {
            sum = sum.mul_add::<A>(self, Self::all(coefficient));
        }
        sum
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $operator:tt;)*) => {$(
        impl<const N: usize> $trait for Several<N> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(
                    other.0,
                    #[inline(always)]
                    |x, y| x $operator y,
                )
            }
        }

        impl<const N: usize> $trait<f32> for Several<N> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: f32) -> Self {
                self.map(
                    #[inline(always)]
                    |x| x $operator other,
                )
            }
        }
    )*};
}

operators! {
    Add add +;
    Sub sub -;
    Mul mul *;
    Div div /;
}

impl<const N: usize> Neg for Several<N> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.map(
            #[inline(always)]
            |x| -x,
        )
    }
}
