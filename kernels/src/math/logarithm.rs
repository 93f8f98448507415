//! Logarithms.
//!
//! The argument is `2^k (1 + f)` with `1 + f` from `sqrt(1/2)` to `sqrt(2)`, as in Cephes' `logf`; coefficients: Chebyshev
//! interpolation of `(ln(1 + f) - f + f^2/2)/f^3`. The correction of `ln_1p` for the rounding of `1 + x` is that of FreeBSD's
//! `log1pf`.

use super::Several;
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

/// The same of several numbers, `k` as a number.
#[inline(always)]
fn split_all<const N: usize>(x: Several<N>) -> (Several<N>, Several<N>) {
    (x.map(|x| split(x).0 as f32), x.map(|x| split(x).1))
}

/// `ln(1 + f) + k ln 2 + low`.
#[inline(always)]
fn join<A: Arithmetic, const N: usize>(k: Several<N>, f: Several<N>, low: Several<N>) -> Several<N> {
    let p = f.polynomial::<A, _>([
        6.969_753_7e-2,
        -1.147_918_8e-1,
        1.168_579_6e-1,
        -1.242_577_7e-1,
        1.424_903_3e-1,
        -1.666_779_8e-1,
        2.000_071_7e-1,
        -2.499_999_7e-1,
        3.333_333_1e-1,
    ]);
    let z = f * f;
    let tail = k.mul_add::<A>(Several::all(LN_2_LOW), (p * z).mul_add::<A>(f, low));
    let tail = z.mul_add::<A>(Several::all(-0.5), tail);
    k.mul_add::<A>(Several::all(LN_2_HIGH), f + tail)
}

/// The natural logarithm.
pub struct Ln;

impl Function for Ln {
    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        let subnormal = x.are(|x| x < f32::MIN_POSITIVE);
        let (k, f) = split_all((x * 8_388_608.0).where_or(subnormal, x));
        let k = (k - 23.0).where_or(subnormal, k);
        let value = join::<A, N>(k, f, Several::all(0.0));
        value.zip(x.0, |value, x| {
            let value = if x < f32::INFINITY { value } else { x };
            let value = if x == 0.0 { f32::NEG_INFINITY } else { value };
            if x < 0.0 { f32::NAN } else { value }
        })
    }
}

/// The natural logarithm of `1 + x`.
pub struct Ln1p;

impl Function for Ln1p {
    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        let u = x + 1.0;
        let (k, f) = split_all(u);
        // What rounding took from 1 + x; where k is 0, x itself is f.
        let lost = x.zip(u.0, |x, u| if x >= 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) });
        let near = k.are(|k| k == 0.0);
        let low = Several::all(0.0).where_or(near, lost / u);
        let value = join::<A, N>(k, x.where_or(near, f), low);
        value.zip(x.0, |value, x| {
            let value = if x < f32::INFINITY { value } else { x };
            let value = if x == -1.0 { f32::NEG_INFINITY } else { value };
            let value = if x.abs() < 1e-7 { x } else { value };
            if x < -1.0 { f32::NAN } else { value }
        })
    }
}
