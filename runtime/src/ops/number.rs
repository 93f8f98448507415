//! Arithmetic on elements, as StableHLO states it: integers wrap, halves compute in `f32` and round once.

use half::{bf16, f16};

use crate::tensor::{Element, bf16_from_f64, f16_from_f64};

/// An element with arithmetic.
pub(crate) trait Number: Element {
    const ZERO: Self;
    const ONE: Self;
    fn add(self, other: Self) -> Self;
    fn subtract(self, other: Self) -> Self;
    fn multiply(self, other: Self) -> Self;
    /// Integers: toward zero; by zero gives all bits set; the overflow of the least by -1 wraps.
    fn divide(self, other: Self) -> Self;
    /// The sign of the dividend; an integer by zero gives the dividend.
    fn remainder(self, other: Self) -> Self;
    fn negate(self) -> Self;
    fn abs(self) -> Self;
    /// -1, 0 or 1; a NaN stays, and so does the sign of a zero.
    fn sign(self) -> Self;
    /// Integers: wraps; a negative exponent gives 0, except of 1 and -1.
    fn power(self, exponent: Self) -> Self;
    /// NaN if either is.
    fn maximum(self, other: Self) -> Self;
    /// NaN if either is.
    fn minimum(self, other: Self) -> Self;
    fn to_f64(self) -> f64;
}

macro_rules! integers {
    ($($type:ty, $signed:literal);* $(;)?) => {$(
        impl Number for $type {
            const ZERO: Self = 0;
            const ONE: Self = 1;
            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn subtract(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            fn multiply(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            fn divide(self, other: Self) -> Self {
                if other == 0 { !0 } else { self.wrapping_div(other) }
            }
            fn remainder(self, other: Self) -> Self {
                if other == 0 { self } else { self.wrapping_rem(other) }
            }
            fn negate(self) -> Self {
                self.wrapping_neg()
            }
            #[allow(unused_comparisons)]
            fn abs(self) -> Self {
                if self < 0 { self.wrapping_neg() } else { self }
            }
            #[allow(unused_comparisons)]
            fn sign(self) -> Self {
                if self < 0 { (0 as Self).wrapping_sub(1) } else { Self::from(self > 0) }
            }
            #[allow(unused_comparisons)]
            fn power(self, exponent: Self) -> Self {
                if exponent < 0 {
                    return match self {
                        1 => 1,
                        _ if $signed && self == !0 => if exponent % 2 == 0 { 1 } else { self },
                        _ => 0,
                    };
                }
                let (mut base, mut exponent, mut result) = (self, exponent, 1 as Self);
                while exponent > 0 {
                    if exponent % 2 == 1 {
                        result = result.wrapping_mul(base);
                    }
                    base = base.wrapping_mul(base);
                    exponent /= 2;
                }
                result
            }
            fn maximum(self, other: Self) -> Self {
                Ord::max(self, other)
            }
            fn minimum(self, other: Self) -> Self {
                Ord::min(self, other)
            }
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )*};
}

integers! { i8, true; i16, true; i32, true; i64, true; u8, false; u16, false; u32, false; u64, false; }

macro_rules! floats {
    ($($type:ident, $pow:path, $zero_is_negative:expr);* $(;)?) => {$(
        impl Number for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            fn add(self, other: Self) -> Self {
                self + other
            }
            fn subtract(self, other: Self) -> Self {
                self - other
            }
            fn multiply(self, other: Self) -> Self {
                self * other
            }
            fn divide(self, other: Self) -> Self {
                self / other
            }
            fn remainder(self, other: Self) -> Self {
                self % other
            }
            fn negate(self) -> Self {
                -self
            }
            fn abs(self) -> Self {
                $type::abs(self)
            }
            fn sign(self) -> Self {
                if self.is_nan() || self == 0.0 { self } else { 1.0_f64.copysign(self.to_f64()) as Self }
            }
            fn power(self, exponent: Self) -> Self {
                $pow(self, exponent)
            }
            fn maximum(self, other: Self) -> Self {
                if self.is_nan() || other.is_nan() {
                    Self::NAN
                } else if self > other || (self == other && other.is_sign_negative()) {
                    self
                } else {
                    other
                }
            }
            fn minimum(self, other: Self) -> Self {
                if self.is_nan() || other.is_nan() {
                    Self::NAN
                } else if self < other || (self == other && self.is_sign_negative()) {
                    self
                } else {
                    other
                }
            }
            fn to_f64(self) -> f64 {
                self.into()
            }
        }
    )*};
}

floats! { f32, libm::powf, is_sign_negative; f64, libm::pow, is_sign_negative; }

macro_rules! halves {
    ($($type:ident),*) => {$(
        impl Number for $type {
            const ZERO: Self = Self::ZERO;
            const ONE: Self = Self::ONE;
            fn add(self, other: Self) -> Self {
                Self::from_f32(Number::add(self.to_f32(), other.to_f32()))
            }
            fn subtract(self, other: Self) -> Self {
                Self::from_f32(Number::subtract(self.to_f32(), other.to_f32()))
            }
            fn multiply(self, other: Self) -> Self {
                Self::from_f32(Number::multiply(self.to_f32(), other.to_f32()))
            }
            fn divide(self, other: Self) -> Self {
                Self::from_f32(Number::divide(self.to_f32(), other.to_f32()))
            }
            fn remainder(self, other: Self) -> Self {
                Self::from_f32(Number::remainder(self.to_f32(), other.to_f32()))
            }
            fn negate(self) -> Self {
                -self
            }
            fn abs(self) -> Self {
                Self::from_bits(self.to_bits() & 0x7fff)
            }
            fn sign(self) -> Self {
                Self::from_f32(Number::sign(self.to_f32()))
            }
            fn power(self, exponent: Self) -> Self {
                Self::from_f32(Number::power(self.to_f32(), exponent.to_f32()))
            }
            fn maximum(self, other: Self) -> Self {
                Self::from_f32(Number::maximum(self.to_f32(), other.to_f32()))
            }
            fn minimum(self, other: Self) -> Self {
                Self::from_f32(Number::minimum(self.to_f32(), other.to_f32()))
            }
            fn to_f64(self) -> f64 {
                self.into()
            }
        }
    )*};
}

halves!(f16, bf16);

/// A floating-point element: functions of mathematics by `libm`, so that they give the same bits on every machine.
pub(crate) trait Float: Number {
    /// Applies a function, in `f64` for `f64` and in `f32` for the others.
    fn apply(self, single: fn(f32) -> f32, double: fn(f64) -> f64) -> Self;
    fn from_f64(value: f64) -> Self;
    fn is_finite(self) -> bool {
        self.to_f64().is_finite()
    }
}

impl Float for f32 {
    fn apply(self, single: fn(f32) -> f32, _: fn(f64) -> f64) -> Self {
        single(self)
    }
    fn from_f64(value: f64) -> Self {
        value as Self
    }
}

impl Float for f64 {
    fn apply(self, _: fn(f32) -> f32, double: fn(f64) -> f64) -> Self {
        double(self)
    }
    fn from_f64(value: f64) -> Self {
        value
    }
}

macro_rules! float_halves {
    ($($type:ident, $round:ident);*) => {$(
        impl Float for $type {
            fn apply(self, single: fn(f32) -> f32, _: fn(f64) -> f64) -> Self {
                Self::from_f32(single(self.to_f32()))
            }
            fn from_f64(value: f64) -> Self {
                $round(value)
            }
        }
    )*};
}

float_halves!(f16, f16_from_f64; bf16, bf16_from_f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_wrap_and_division_by_zero_sets_all_bits() {
        assert_eq!(Number::add(127_i8, 1), -128);
        assert_eq!(Number::divide(i32::MIN, -1), i32::MIN);
        assert_eq!(Number::divide(5_i32, 0), -1);
        assert_eq!(Number::divide(5_u8, 0), 255);
        assert_eq!(Number::remainder(5_u8, 0), 5);
        assert_eq!(Number::abs(i8::MIN), i8::MIN);
        assert_eq!((Number::sign(-7_i64), Number::sign(0_u8), Number::sign(9_u8)), (-1, 0, 1));
        assert_eq!(
            (Number::power(3_i32, 4), Number::power(2_i32, -1), Number::power(-1_i32, -3)),
            (81, 0, -1)
        );
        assert_eq!((Number::power(255_u8, 2), Number::power(0_i32, 0)), (1, 1));
    }

    #[test]
    fn maximum_keeps_nan_and_the_sign_of_zero() {
        assert!(Number::maximum(f32::NAN, 1.0).is_nan() && Number::minimum(1.0, f64::NAN).is_nan());
        assert!(
            Number::maximum(-0.0_f32, 0.0).is_sign_positive()
                && Number::maximum(0.0_f32, -0.0).is_sign_positive()
        );
        assert!(
            Number::minimum(-0.0_f64, 0.0).is_sign_negative()
                && Number::minimum(0.0_f64, -0.0).is_sign_negative()
        );
        assert!(Number::sign(-0.0_f32).is_sign_negative() && Number::sign(f16::NAN).is_nan());
        assert_eq!(Number::sign(bf16::from_f32(-2.0)), bf16::NEG_ONE);
    }
}
