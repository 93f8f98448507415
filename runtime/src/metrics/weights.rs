//! Weights of samples, as metrics with state count them.

use crate::tensor::{DType, Tensor};

/// For each element of a tensor the weight of its sample, as `f64`: `[samples]` and `[samples, ..]` give `[samples, ..]`.
#[track_caller]
pub(super) fn of_each(weights: &Tensor, elements: &Tensor) -> Tensor {
    let weights = weights.cast(DType::F64);
    let more = elements.rank().saturating_sub(weights.rank());
    let weights = (0..more).fold(weights, |weights, _| weights.expand_dims(-1));
    weights * elements.ones_like().cast(DType::F64)
}
