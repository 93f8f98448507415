//! Numbers that are computed side by side.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::function::Arithmetic;

/// `N` numbers. The steps of a function wait for each other; those for several numbers do not, if they take turns.
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
    pub fn map(mut self, function: impl Fn(f32) -> f32) -> Self {
        for x in &mut self.0 {
            *x = function(*x);
        }
        self
    }

    /// A function of each number and the other in its place.
    #[inline(always)]
    pub fn zip<T: Copy>(mut self, others: [T; N], function: impl Fn(f32, T) -> f32) -> Self {
        for (x, other) in self.0.iter_mut().zip(others) {
            *x = function(*x, other);
        }
        self
    }

    /// What is true of which number.
    #[inline(always)]
    pub fn are(self, test: impl Fn(f32) -> bool) -> [bool; N] {
        let mut are = [false; N];
        for (are, x) in are.iter_mut().zip(self.0) {
            *are = test(x);
        }
        are
    }

    /// These numbers where the condition holds, and others elsewhere.
    #[inline(always)]
    pub fn where_or(mut self, condition: [bool; N], others: Self) -> Self {
        for ((x, holds), other) in self.0.iter_mut().zip(condition).zip(others.0) {
            *x = if holds { *x } else { other };
        }
        self
    }

    /// `self * factor + addend`.
    #[inline(always)]
    pub fn mul_add<A: Arithmetic>(mut self, factor: Self, addend: Self) -> Self {
        for ((x, factor), addend) in self.0.iter_mut().zip(factor.0).zip(addend.0) {
            *x = A::mul_add(*x, factor, addend);
        }
        self
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
