//! Sine and cosine.
//!
//! The argument less a multiple of `pi/2` is computed in `f64` with `pi/2` in two parts (Cody and Waite), from 10^6 on with as
//! many bits of `2/pi` as count (Payne and Hanek, *Radian reduction for trigonometric functions*, 1983). Coefficients:
//! Chebyshev interpolation of `(sin(r)/r - 1)/r^2` and `(cos(r) - 1 + r^2/2)/r^4` in `r^2`, `|r| <= pi/4`.

use super::Several;
use super::function::{Arithmetic, Function, Separate};
use crate::element::block::each;

const LIMIT: f32 = 1e6;

/// Adding and subtracting this rounds to an integer, which stands in the low bits of the sum.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `pi/2`: a part of 33 bits, whose products with integers below 2^20 are exact, and the rest.
const HALF_PI_HIGH: f64 = 1.570_796_326_734_125_6;
const HALF_PI_LOW: f64 = 6.077_100_506_506_192e-11;

/// `x` less a multiple of `pi/2`, and the low bits of the multiple.
#[inline(always)]
fn reduce(x: f32) -> (f32, u32) {
    let x = f64::from(x);
    let sum = x * std::f64::consts::FRAC_2_PI + ROUND;
    let n = sum - ROUND;
    let r = (x - n * HALF_PI_HIGH) - n * HALF_PI_LOW;
    (r as f32, sum.to_bits() as u32)
}

/// The first 256 bits of `2/pi`, behind zeros for the bits before the point.
const FRAC_2_PI: [u32; 12] = [
    0,
    0,
    0,
    0xa2f9_836e,
    0x4e44_1529,
    0xfc27_57d1,
    0xf534_ddc0,
    0xdb62_9599,
    0x3c43_9041,
    0xfe51_63ab,
    0xdebb_c561,
    0,
];

/// The same for a finite number of large magnitude.
fn reduce_large(x: f32) -> (f32, u32) {
    let bits = x.abs().to_bits();
    let mantissa = u128::from(bits & 0x7f_ffff | 0x80_0000);
    // x = mantissa * 2^exponent, and x * 2/pi is needed modulo 4 to some 90 bits behind the point.
    let exponent = (bits >> 23) as i32 - 150;
    let first = (exponent + 94) as usize;
    let word = |index: usize| FRAC_2_PI.get(index).copied().unwrap_or(0);
    let bit = |position: usize| {
        let (index, shift) = (position / 32, position % 32);
        (u64::from(word(index)) << 32 | u64::from(word(index + 1))) << shift >> 32
    };
    // Bits of 2/pi from the one of weight 2^(1 - exponent) on, 96 of them; those before give multiples of 4.
    let window =
        u128::from(bit(first)) << 64 | u128::from(bit(first + 32)) << 32 | u128::from(bit(first + 64));
    // The product modulo 4, with 94 bits behind the point.
    let product = (mantissa * window) & ((1 << 96) - 1);
    let n = ((product >> 93) + 1) >> 1;
    let rest = product.cast_signed() - ((n << 94).cast_signed());
    let r = rest as f64 * (1.0 / (1_u128 << 94) as f64) * std::f64::consts::FRAC_PI_2;
    let n = n as u32;
    if x < 0.0 { (-r as f32, n.wrapping_neg()) } else { (r as f32, n) }
}

/// The sine of `r + n pi/2`.
#[inline(always)]
fn quadrant<A: Arithmetic, const N: usize>(r: Several<N>, n: [u32; N]) -> Several<N> {
    let z = r * r;
    let p = z.polynomial::<A, _>([-1.958_788_9e-4, 8.332_748e-3, -1.666_666_4e-1]);
    let sine = (p * z).mul_add::<A>(r, r);
    let q = z.polynomial::<A, _>([2.454_794e-5, -1.388_830_2e-3, 4.166_666_4e-2]);
    let cosine = q.mul_add::<A>(z * z, z.mul_add::<A>(Several::all(-0.5), Several::all(1.0)));
    let value = sine.where_or(each(|at| n[at] & 1 == 0), cosine);
    value.zip(n, |value, n| f32::from_bits(value.to_bits() ^ (n & 2) << 30))
}

/// The sine of `x + turns pi/2`.
#[inline(always)]
fn sine<A: Arithmetic, const N: usize>(x: Several<N>, turns: u32) -> Several<N> {
    quadrant::<A, N>(x.map(|x| reduce(x).0), each(|at| reduce(x.0[at]).1.wrapping_add(turns)))
}

/// The same for an `x` beyond the limit.
fn sine_beyond(x: f32, turns: u32) -> f32 {
    if x.is_infinite() {
        return f32::NAN;
    }
    let (r, n) = reduce_large(x);
    let [sine] = quadrant::<Separate, 1>(Several([r]), [n.wrapping_add(turns)]).0;
    sine
}

/// `sin(x)`.
pub struct Sin;

impl Function for Sin {
    const LIMIT: f32 = LIMIT;

    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        x.where_or(x.are(|x| x == 0.0), sine::<A, N>(x, 0))
    }

    fn beyond(x: f32) -> f32 {
        sine_beyond(x, 0)
    }
}

/// `cos(x)`.
pub struct Cos;

impl Function for Cos {
    const LIMIT: f32 = LIMIT;

    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        sine::<A, N>(x, 1)
    }

    fn beyond(x: f32) -> f32 {
        sine_beyond(x, 1)
    }
}
