//! Logarithms.
//!
//! The argument is `2^k (1 + f)` with `1 + f` from `sqrt(1/2)` to `sqrt(2)`, as in Cephes' `logf`; coefficients: Chebyshev
//! interpolation of `(ln(1 + f) - f + f^2/2)/f^3`. The correction of `ln_1p` for the rounding of `1 + x` is that of FreeBSD's
//! `log1pf`.

use super::function::{Arithmetic, Function};

const LN_2_HIGH: f32 = 0.693_359_375;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// The exponent `k` and `f` of a normal positive number.
#[inline(always)]
fn split(x: f32) -> (i32, f32) {
    const SQRT_HALF: i32 = 0x3f35_04f3;
    let bits = x.to_bits().cast_signed();
    let k = bits.wrapping_sub(SQRT_HALF) >> 23;
    let mantissa = bits.wrapping_sub(k << 23);
    (k, f32::from_bits(mantissa.cast_unsigned()) - 1.0)
}

/// `ln(1 + f) + k ln 2 + low`.
#[inline(always)]
fn join<A: Arithmetic>(k: f32, f: f32, low: f32) -> f32 {
    let p = A::polynomial(
        f,
        [
            6.969_753_7e-2,
            -1.147_918_8e-1,
            1.168_579_6e-1,
            -1.242_577_7e-1,
            1.424_903_3e-1,
            -1.666_779_8e-1,
            2.000_071_7e-1,
            -2.499_999_7e-1,
            3.333_333_1e-1,
        ],
    );
    let z = f * f;
    let tail = A::mul_add(k, LN_2_LOW, A::mul_add(p * z, f, low));
    let tail = A::mul_add(z, -0.5, tail);
    A::mul_add(k, LN_2_HIGH, f + tail)
}

/// The natural logarithm.
pub struct Ln;

impl Function for Ln {
    #[inline(always)]
    fn call<A: Arithmetic>(x: f32) -> f32 {
        let subnormal = x < f32::MIN_POSITIVE;
        let scaled = if subnormal { x * 8_388_608.0 } else { x };
        let (k, f) = split(scaled);
        let k = k as f32 - if subnormal { 23.0 } else { 0.0 };
        let value = join::<A>(k, f, 0.0);
        let value = if x < f32::INFINITY { value } else { x };
        let value = if x == 0.0 { f32::NEG_INFINITY } else { value };
        if x < 0.0 { f32::NAN } else { value }
    }
}

/// The natural logarithm of `1 + x`.
pub struct Ln1p;

impl Function for Ln1p {
    #[inline(always)]
    fn call<A: Arithmetic>(x: f32) -> f32 {
        let u = 1.0 + x;
        let (k, f) = split(u);
        // What rounding took from 1 + x; where k is 0, x itself is f.
        let lost = if x >= 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) };
        let value = join::<A>(k as f32, if k == 0 { x } else { f }, if k == 0 { 0.0 } else { lost / u });
        let value = if x < f32::INFINITY { value } else { x };
        let value = if x == -1.0 { f32::NEG_INFINITY } else { value };
        let value = if x.abs() < 1e-7 { x } else { value };
        if x < -1.0 { f32::NAN } else { value }
    }
}
