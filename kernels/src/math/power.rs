//! Powers.
//!
//! `2^(y log2 x)` in `f64`: the logarithm from the series of `artanh((m - 1)/(m + 1))`, the power of 2 from that of the
//! exponential function, both cut where they reach 2^-40.

use rten_simd::{Isa, SimdOp};

use crate::element::block::{STRIP, map2};
use crate::element::{Block, Kernel};
use crate::simd::run;

const ROUND: f64 = 6_755_399_441_055_744.0;

/// The series of `artanh(s)/s` in `s^2`.
const ARTANH: [f64; 9] =
    [1.0 / 17.0, 1.0 / 15.0, 1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0, 1.0];

/// The series of the exponential function.
const EXP: [f64; 13] = [
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// The polynomial with these coefficients, the highest power first.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut sum = coefficients[0];
    for &coefficient in &coefficients[1..] {
        sum = sum * x + coefficient;
    }
    sum
}

/// The base 2 logarithm of a positive number; of 0 negative infinity.
#[inline(always)]
fn log2(x: f64) -> f64 {
    const SQRT_HALF: i32 = 0x3fe6_a09e;
    let bits = x.to_bits();
    let high = (bits >> 32) as u32 as i32;
    let k = high.wrapping_sub(SQRT_HALF) >> 20;
    let m = f64::from_bits(bits.wrapping_sub((k as i64 as u64) << 52));
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let sum = polynomial(z, ARTANH);
    let value = f64::from(k) + s * sum * (2.0 * std::f64::consts::LOG2_E);
    let value = if x == 0.0 { f64::NEG_INFINITY } else { value };
    if x < f64::INFINITY { value } else { x }
}

/// `2^t`, 0 or infinite in `f32` beyond its range.
#[inline(always)]
fn exp2(t: f64) -> f64 {
    let t = if t < -200.0 { -200.0 } else { t };
    let t = if t > 200.0 { 200.0 } else { t };
    let sum = t + ROUND;
    let r = (t - (sum - ROUND)) * std::f64::consts::LN_2;
    let series = polynomial(r, EXP);
    series * f64::from_bits(sum.to_bits().wrapping_add(1023) << 52)
}

/// Without branches, so that it vectorises.
#[expect(clippy::needless_bitwise_bool)]
#[inline(always)]
fn pow(x: f32, y: f32) -> f32 {
    let magnitude = exp2(f64::from(y) * log2(f64::from(x.abs()))) as f32;
    let half = y * 0.5;
    let (whole, odd) = (y.floor() == y, half.floor() != half);
    let value = if x.is_sign_negative() & whole & odd { -magnitude } else { magnitude };
    let value = if (x < 0.0) & (x > f32::NEG_INFINITY) & !whole { f32::NAN } else { value };
    let value = if x.is_nan() | y.is_nan() { f32::NAN } else { value };
    let one = (x == 1.0) | (y == 0.0) | ((x == -1.0) & y.is_infinite());
    if one { 1.0 } else { value }
}

pub(super) fn kernel() -> Kernel {
    Kernel::from_block(&[4, 4], 4, Power)
}

struct Power;

/// How many elements are computed at once.
const WIDTH: usize = 16;
const BYTES: usize = 4 * WIDTH;

impl Block for Power {
    fn run(&self, result: &mut [u8], &[x, y, _]: &[&[u8]; 3]) {
        run(Run { result, x, y });
    }
}

struct Run<'a> {
    result: &'a mut [u8],
    x: &'a [u8],
    y: &'a [u8],
}

impl SimdOp for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let length = self.result.len();
        let whole = length / BYTES * BYTES;
        let (result, rest) = self.result.split_at_mut(whole);
        map2(result, self.x, self.y, pow);
        let count = length - whole;
        if count > 0 {
            let (mut x, mut y, mut padded) = ([0; BYTES], [0; BYTES], [0; BYTES]);
            for (padded, operand) in [(&mut x, self.x), (&mut y, self.y)] {
                let start = if operand.len() < length { whole % (4 * STRIP) } else { whole };
                let rest = operand.get(start..start + count).unwrap_or_default();
                padded[..rest.len()].copy_from_slice(rest);
            }
            map2(&mut padded, &x, &y, pow);
            rest[..count].copy_from_slice(&padded[..count]);
        }
    }
}
