//! The error function.
//!
//! Near 0 it is `x + x P(x^2)`, elsewhere `1 - exp(-t + t Q(t))` with `t = |x|`: the form of N. Juffa's `erff`. Coefficients:
//! Chebyshev interpolation of `erf(x)/x - 1`, and of `ln(erfc(t))/t + 1` up to `t = 3.95`.

use super::Several;
use super::exponential::exp_within;
use super::function::{Arithmetic, Function};

/// `erf(x)`.
pub struct Erf;

impl Function for Erf {
    #[inline(always)]
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N> {
        let near = (x * x).polynomial::<A, _>([
            8.349_472e-5,
            -8.138_217_4e-4,
            5.200_679e-3,
            -2.685_927_6e-2,
            1.128_369_3e-1,
            -3.761_263_5e-1,
            1.283_791_7e-1,
        ]);
        let near = near.mul_add::<A>(x, x);
        let t = x.map(|x| if x.abs() > 3.95 { 3.95 } else { x.abs() });
        let far = t.polynomial::<A, _>([
            9.694_429_1e-7,
            -3.305_965_2e-5,
            4.892_201_4e-4,
            -4.266_383_1e-3,
            2.505_501_5e-2,
            -1.077_451e-1,
            -6.342_254_3e-1,
            -1.288_805_9e-1,
        ]);
        let far = exp_within::<A, N>(far.mul_add::<A>(t, -t)).zip(x.0, |e, x| (1.0 - e).copysign(x));
        let value = far.where_or(x.are(|x| x.abs() > 0.927_734_4), near);
        x.where_or(x.are(f32::is_nan), value)
    }
}
