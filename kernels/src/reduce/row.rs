//! Reduction of consecutive elements, in the order that all reductions of this crate share.
//!
//! Fewer than [`SHORT`] elements are taken in one after the other. Of more, element `i` goes into the state `i % LANES`, and
//! the states are merged in halves: 0 with 16, 1 with 17, ..., then 0 with 8, and so on. More than [`PART`] elements are cut
//! into parts of that many, whose states are merged one after the other. Where the order makes no difference, as for integers, all
//! are taken in one after the other.

use std::hint::black_box;

use super::Fold;
use crate::element::block::{element, elements};

/// How many states take elements in at the same time.
const LANES: usize = 32;

/// From how many elements on there are lanes.
pub(super) const SHORT: usize = 32;

/// The number of elements that one pass reduces.
pub(crate) const PART: usize = 1 << 16;

/// The state of the elements `from..to` of a block, at most [`PART`].
#[inline(always)]
pub(super) fn part<F: Fold>(block: &[u8], from: usize, to: usize) -> F::State {
    if to - from < SHORT {
        return (from..to).fold(F::START, |state, index| F::step(state, element(block, index)));
    }
    if const { !F::WIDE } {
        return in_any_order::<F>(block, from, to);
    }
    let mut states = States([F::START; LANES]);
    let lanes = &mut states.0;
    let mut index = from;
    while index + LANES <= to {
        let chunk = elements::<F::Element, LANES>(block, index);
        for (lane, element) in lanes.iter_mut().zip(chunk) {
            *lane = F::step(*lane, element);
        }
        index += LANES;
    }
    let rest = to - index;
    if rest > 0 {
        for (at, lane) in lanes.iter_mut().enumerate() {
            let is_there = at < rest;
            let element = if is_there { element(block, index + at) } else { F::Element::default() };
            let next = F::step(*lane, element);
            *lane = if is_there { next } else { *lane };
        }
    }
    let states = halves::<F, LANES, { LANES / 2 }>(&states);
    let states = halves::<F, { LANES / 2 }, { LANES / 4 }>(&states);
    let states = halves::<F, { LANES / 4 }, { LANES / 8 }>(&states);
    let States([first, second]) = halves::<F, { LANES / 8 }, 2>(&states);
    F::merge(first, second)
}

/// States that lie in memory as vectors do, so that no vector is in two lines of the cache.
#[repr(align(64))]
struct States<S, const N: usize>([S; N]);

/// The first half of the states, each merged with one of the second half.
#[inline(always)]
fn halves<F: Fold, const ALL: usize, const HALF: usize>(
    states: &States<F::State, ALL>,
) -> States<F::State, HALF> {
    const { assert!(ALL == 2 * HALF) };
    // What is in memory is merged vector by vector; of what the compiler keeps elsewhere, it merges lane after lane.
    let states = black_box(states);
    let mut merged = States([F::START; HALF]);
    for (lane, merged) in merged.0.iter_mut().enumerate() {
        *merged = F::merge(states.0[lane], states.0[lane + HALF]);
    }
    merged
}

/// The state of elements whose order does not matter.
#[inline(always)]
fn in_any_order<F: Fold>(block: &[u8], from: usize, to: usize) -> F::State {
    let whole = from + (to - from) / LANES * LANES;
    let mut state = F::START;
    for index in (from..whole).step_by(LANES) {
        for element in elements::<F::Element, LANES>(block, index) {
            state = F::step(state, element);
        }
    }
    (whole..to).fold(state, |state, index| F::step(state, element(block, index)))
}

/// The state of the elements `from..to` of a block.
#[inline(always)]
pub(super) fn row<F: Fold>(block: &[u8], from: usize, to: usize) -> F::State {
    let mut state = part::<F>(block, from, to.min(from + PART));
    let mut start = from + PART;
    while start < to {
        state = F::merge(state, part::<F>(block, start, to.min(start + PART)));
        start += PART;
    }
    state
}
