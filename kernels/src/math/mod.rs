//! Functions of mathematics on `f32`, within 2 units in the last place everywhere.
//!
//! Special values are those of IEEE 754 (section 9.2): NaN, infinities, signed zeros and subnormal numbers are exact. Where
//! the instruction set has a fused multiply-add, polynomials use it, so the last bit may differ between instruction sets,
//! never between positions in a block.

// Coefficients are written with the digits that tell neighbours apart, not with the fewest.
#![allow(clippy::excessive_precision)]

mod erf;
mod exponential;
mod function;
#[cfg(test)]
mod levels;
mod logarithm;
mod power;
mod roots;
mod several;
mod trigonometric;

pub use function::{Function, map_in_place};
pub use several::Several;

use crate::element::Kernel;

macro_rules! functions {
    ($($name:ident, $function:path, $what:literal;)*) => {$(
        #[doc = concat!("The kernel of ", $what, ".")]
        pub fn $name() -> Kernel {
            function::kernel::<$function>()
        }
    )*};
}

functions! {
    exp, exponential::Exp, "the exponential function";
    exp_m1, exponential::ExpM1, "the exponential function less 1, exact near 0";
    logistic, exponential::Logistic, "the logistic function, 1/(1 + exp(-x))";
    tanh, exponential::Tanh, "the hyperbolic tangent";
    ln, logarithm::Ln, "the natural logarithm";
    ln_1p, logarithm::Ln1p, "the natural logarithm of 1 + x, exact near 0";
    erf, erf::Erf, "the error function";
    sin, trigonometric::Sin, "the sine";
    cos, trigonometric::Cos, "the cosine";
    sqrt, roots::Sqrt, "the square root";
    rsqrt, roots::Rsqrt, "the reciprocal of the square root, each rounded";
    cbrt, roots::Cbrt, "the cube root";
}

/// The kernel of `x` to the power of `y`, as `pow` of C99 (annex F).
pub fn pow() -> Kernel {
    power::kernel()
}

/// The functions as types, for [`map_in_place`].
pub mod functions {
    pub use super::erf::Erf;
    pub use super::exponential::{Exp, ExpM1, Logistic, Tanh};
    pub use super::logarithm::{Ln, Ln1p};
    pub use super::roots::{Cbrt, Rsqrt, Sqrt};
    pub use super::trigonometric::{Cos, Sin};
}
