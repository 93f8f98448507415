//! How far results may be from the expected ones, in units in the last place.

use holotype::prelude::*;

/// Values have the same bits, except for sums of `f64`, where each addition rounds.
pub fn of_value(op: &str, dtype: DType) -> u64 {
    u64::from(dtype == DType::F64 && op == "sum")
}

/// Gradients of `f32` and `f64`; those of JAX, in `f64`, are rounded more than once too.
const GRADIENTS: [(&str, [u64; 2]); 6] = [
    ("atan2", [1, 1]),
    ("broadcast_in_dim", [0, 1]),
    ("divide", [1, 1]),
    ("multiply", [1, 0]),
    ("power", [1, 0]),
    ("prod", [1, 3]),
];

/// The gradients of all other ops are moved or chosen, and the same bits.
pub fn of_gradient(op: &str, dtype: DType) -> u64 {
    let stated = GRADIENTS.iter().find(|(own, _)| *own == op);
    stated.map_or(0, |(_, [single, double])| if dtype == DType::F64 { *double } else { *single })
}

/// The first and the second derivatives of `f32`, and of `f64`; those that are not named have the same bits.
/// Fast functions of `f32` are within 2 units of the exact result themselves.
///
/// Where it is more than a rounding or two: the error of x^2 grows x^2 times in `exp(-x^2)`, of `erf` and `erfc`, and so does
/// that of the result in `erf_inv`; `x^2 - y^2` cancels in `atan2`, `1 + y ln x` in `power`; `digamma` and its derivatives
/// have the distances of `tests/elementwise.rs`.
const DERIVATIVES: [(&str, [u64; 2], [u64; 2]); 33] = [
    ("acos", [1, 2], [1, 2]),
    ("acosh", [1, 2], [1, 2]),
    ("asin", [1, 2], [1, 2]),
    ("asinh", [1, 1], [1, 2]),
    ("atan", [1, 4], [1, 2]),
    ("atan2", [1, 5], [1, 6]),
    ("atanh", [0, 2], [1, 4]),
    ("cbrt", [2, 6], [1, 2]),
    ("cosh", [1, 0], [1, 1]),
    ("cosine", [1, 1], [1, 0]),
    ("digamma", [0, 0], [1, 4]),
    ("divide", [1, 1], [1, 1]),
    ("erf", [2, 2], [4, 3]),
    ("erf_inv", [1, 1], [1, 5]),
    ("erfc", [4, 5], [1, 1]),
    ("exp2", [0, 1], [1, 2]),
    ("exponential", [1, 1], [1, 1]),
    ("exponential_minus_one", [1, 1], [1, 1]),
    ("lgamma", [0, 0], [1, 2]),
    ("log", [0, 1], [0, 1]),
    ("log10", [1, 1], [2, 3]),
    ("log2", [1, 1], [0, 1]),
    ("log_plus_one", [1, 2], [0, 1]),
    ("logistic", [1, 1], [1, 1]),
    ("power", [1, 8], [1, 2]),
    ("rsqrt", [1, 2], [1, 1]),
    ("sine", [1, 1], [0, 1]),
    ("sinh", [1, 1], [1, 1]),
    ("sqrt", [1, 2], [1, 3]),
    ("tan", [1, 2], [1, 1]),
    ("tanh", [1, 1], [1, 1]),
    ("tetragamma", [0, 0], [4, 3]),
    ("trigamma", [0, 0], [3, 2]),
];

pub fn of_derivative(op: &str, dtype: DType) -> [u64; 2] {
    let stated = DERIVATIVES.iter().find(|(own, ..)| *own == op);
    match dtype {
        DType::F64 => stated.map_or([0; 2], |(_, _, double)| *double),
        DType::F32 => stated.map_or([0; 2], |(_, single, _)| *single),
        _ => [1, 1],
    }
}

/// Whether units are those of 1 for results below 1: the derivative is `1 - y` or `1 + y` times something, of a result y that
/// comes close to 1 or -1 and has only the digits that it has, as in JAX.
pub fn in_units_of_one(op: &str) -> bool {
    matches!(op, "exponential_minus_one" | "logistic" | "tanh")
}
