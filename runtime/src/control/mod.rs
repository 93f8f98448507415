//! Branches and loops as parts of a graph.

#[doc(hidden)]
pub mod autograph;

use crate::tensor::{Structure, Tensor};

/// One of two branches.
#[track_caller]
pub fn cond<S: Structure>(predicate: &Tensor, then: impl FnOnce() -> S, otherwise: impl FnOnce() -> S) -> S {
    let _ = (predicate, otherwise);
    then()
}

/// A loop.
#[track_caller]
pub fn while_loop<S: Structure>(
    state: S,
    condition: impl FnMut(&S) -> Tensor,
    mut body: impl FnMut(S) -> S,
) -> S {
    let _ = condition;
    body(state)
}

/// A loop over a range.
#[track_caller]
pub fn fori_loop<S: Structure>(
    range: std::ops::Range<Tensor>,
    state: S,
    mut body: impl FnMut(&Tensor, S) -> S,
) -> S {
    body(&range.start, state)
}

/// A loop over rows.
#[track_caller]
pub fn scan<S: Structure, X: Structure, Y: Structure>(
    state: S,
    inputs: X,
    mut body: impl FnMut(S, X) -> (S, Y),
) -> (S, Y) {
    body(state, inputs)
}
