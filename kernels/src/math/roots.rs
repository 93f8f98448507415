//! Roots.

use super::Several;
use super::function::{Arithmetic, Function};

/// The square root, rounded correctly.
pub struct Sqrt;

impl Function for Sqrt {
    const HAS_STEPS: bool = false;

    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        x.map(f32::sqrt)
    }
}

/// `1/sqrt(x)`, with both operations rounded.
pub struct Rsqrt;

impl Function for Rsqrt {
    const HAS_STEPS: bool = false;

    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        x.map(|x| 1.0 / x.sqrt())
    }
}

/// The cube root: a guess by dividing the exponent by 3, and three steps of Newton's iteration as Halley improved it, in
/// `f64` (FreeBSD's `cbrtf` does the same).
pub struct Cbrt;

impl Function for Cbrt {
    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        x.map(cbrt)
    }
}

#[inline(always)]
fn cbrt(x: f32) -> f32 {
    let wide = f64::from(x.abs());
    let guess = (wide.to_bits() >> 32) as u32 / 3 + 715_094_163;
    let mut root = f64::from_bits(u64::from(guess) << 32);
    for _ in 0..3 {
        let cube = root * root * root;
        root *= (cube + wide + wide) / (wide + cube + cube);
    }
    let value = (root as f32).copysign(x);
    if x == 0.0 || x.is_nan() || x.is_infinite() { x } else { value }
}
