//! The exponential function and what is made of it.
//!
//! The argument is reduced to `n ln 2 + r` with `ln 2` in two parts (Cody and Waite, *Software Manual for the Elementary
//! Functions*, 1980; the parts are those of Cephes' `expf`). Coefficients: Chebyshev interpolation of `(exp(r) - 1 - r)/r^2`
//! on `|r| <= ln(2)/2`, and of `(tanh(x)/x - 1)/x^2` in `x^2` up to `x = 0.625`.

use super::Several;
use super::function::{Arithmetic, Function};

/// Adding and subtracting this rounds a small number to an integer, which stands in the low bits of the sum.
const ROUND: f32 = 12_582_912.0;
const LN_2_HIGH: f32 = 0.693_359_375;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `x = n ln 2 + r`: `n` as a number, and `r`. For magnitudes of `x` up to 2000.
#[inline(always)]
fn reduce<A: Arithmetic, const N: usize>(x: Several<N>) -> (Several<N>, Several<N>) {
    let n = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let r = n.mul_add::<A>(Several::all(-LN_2_HIGH), x);
    (n, n.mul_add::<A>(Several::all(-LN_2_LOW), r))
}

/// `exp(r) - 1` for `|r| <= ln(2)/2`.
#[inline(always)]
fn small<A: Arithmetic, const N: usize>(r: Several<N>) -> Several<N> {
    let p = r.polynomial::<A, _>([
        1.989_098_8e-4,
        1.393_364_7e-3,
        8.333_310_5e-3,
        4.166_646_7e-2,
        1.666_666_7e-1,
        0.5,
    ]);
    p.mul_add::<A>(r * r, r)
}

/// `2^n` for an integer from -126 to 127.
#[inline(always)]
fn power_of_2(n: f32) -> f32 {
    // The low bits of the sum hold 127 + n, and move to the exponent.
    f32::from_bits((n + (ROUND + 127.0)).to_bits() << 23)
}

/// Between bounds; NaN stays.
#[inline(always)]
fn between(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// The exponential function without its overflow.
#[inline(always)]
fn exp<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
    let (n, r) = reduce::<A, N>(x.map(|x| between(x, -105.0, 90.0)));
    // Two factors, since one alone may be subnormal or infinite where the product is not.
    let half = (n * 0.5 + ROUND) - ROUND;
    (small::<A, N>(r) + 1.0) * half.map(power_of_2) * (n - half).map(power_of_2)
}

/// The exponential function from -80 to 80.
#[inline(always)]
pub(super) fn exp_within<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
    let (n, r) = reduce::<A, N>(x);
    (small::<A, N>(r) + 1.0) * n.map(power_of_2)
}

/// `exp(x)`.
pub struct Exp;

impl Function for Exp {
    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        exp::<A, N>(x)
    }
}

/// `exp(x) - 1`.
pub struct ExpM1;

impl Function for ExpM1 {
    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        let (n, r) = reduce::<A, N>(x.map(|x| between(x, -20.0, 89.0)));
        // 2^n (e + 1) - 1 = 2 (2^(n-1) e + (2^(n-1) - 1/2)).
        let half = (n - 1.0).map(power_of_2);
        let value = half.mul_add::<A>(small::<A, N>(r), half - 0.5) * 2.0;
        x.where_or(x.are(|x| x.abs() < 1e-7), value)
    }
}

/// `1/(1 + exp(-x))`.
pub struct Logistic;

impl Function for Logistic {
    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        let e = exp::<A, N>(x.map(|x| -x.abs()));
        let sum = e + 1.0;
        let quotient = e.where_or(x.are(|x| x < 0.0), Several::all(1.0)) / sum;
        // What rounding took from 1 + e, times a rough 1/(1 + e).
        let lost = (e - (sum - 1.0)) * sum.mul_add::<A>(Several::all(-0.5), Several::all(1.457));
        quotient.mul_add::<A>(-lost, quotient)
    }
}

/// `tanh(x)`.
pub struct Tanh;

impl Function for Tanh {
    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        let z = x * x;
        let p = z.polynomial::<A, _>([
            -6.096_714_2e-3,
            2.099_718e-2,
            -5.385_090_8e-2,
            1.333_276_9e-1,
            -3.333_332_8e-1,
        ]);
        let near = (p * z).mul_add::<A>(x, x);
        let twice = x.map(|x| if x.abs() > 20.0 { 40.0 } else { 2.0 * x.abs() });
        let far = exp_within::<A, N>(twice).map(|e| 1.0 - 2.0 / (e + 1.0));
        let value = near.where_or(x.are(|x| x.abs() < 0.625), far);
        x.where_or(x.are(f32::is_nan), value.zip(x.0, f32::copysign))
    }
}
