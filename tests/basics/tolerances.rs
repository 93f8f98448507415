//! How far results may be from the expected ones, in units in the last place.

use holotype::prelude::*;

/// Values have the same bits, except for sums and products of `f64`: one rounding for each element but the first.
pub fn of_value(op: &str, dtype: DType) -> u64 {
    if dtype == DType::F64 && (op == "sum" || op == "prod") { 1 } else { 0 }
}

/// Gradients of `f32` and `f64`; JAX's own, in `f64`, are rounded too.
const GRADIENTS: [(&str, [u64; 2]); 7] = [
    ("atan2", [1, 2]),
    ("broadcast_in_dim", [0, 1]),
    ("divide", [1, 2]),
    ("multiply", [1, 1]),
    ("power", [1, 1]),
    ("prod", [1, 2]),
    ("sum", [0, 0]),
];

/// The gradients of all other ops are moved or chosen, and the same bits.
pub fn of_gradient(op: &str, dtype: DType) -> u64 {
    let stated = GRADIENTS.iter().find(|(own, _)| *own == op);
    stated.map_or(0, |(_, [single, double])| if dtype == DType::F64 { *double } else { *single })
}

/// The first and the second derivatives of `f32`, and of `f64`.
const DERIVATIVES: [(&str, [u64; 2], [u64; 2]); 3] = [
    ("acos", [1, 3], [1, 4]),
    ("acosh", [1, 1], [1, 2]),
    ("asin", [1, 1], [1, 2]),
];

pub fn of_derivative(op: &str, dtype: DType) -> [u64; 2] {
    let stated = DERIVATIVES.iter().find(|(own, ..)| *own == op);
    stated.map_or([0; 2], |(_, single, double)| if dtype == DType::F64 { *double } else { *single })
}

/// Whether units are those of 1 for results below 1: the derivative is `1 - y` or `1 + y` times something, of a result y that
/// comes close to 1 or -1 and has only the digits that it has, as in JAX.
pub fn in_units_of_one(op: &str) -> bool {
    matches!(op, "exponential_minus_one" | "logistic" | "tanh")
}
