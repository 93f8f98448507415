//! Fetching the next block while this one is computed.
//!
//! Each step of a loop reads at most a few inputs, as fast as it can, and steps without inputs leave memory idle: so each step
//! asks for a part of what the next block will read.

use super::step::Slot;

/// The part of the next block to fetch.
pub(super) struct Ahead<'a> {
    pub(super) table: &'a [*mut u8],
    /// Inputs that go on behind the block, and the sizes of their elements.
    pub(super) streams: &'a [(Slot, usize)],
    /// The elements of the block.
    pub(super) count: usize,
    pub(super) part: usize,
    pub(super) parts: usize,
}

impl Ahead<'_> {
    #[inline]
    pub(super) fn fetch(&self) {
        for &(slot, size) in self.streams {
            let bytes = self.count * size;
            let lines = bytes / 64;
            for line in lines * self.part / self.parts..lines * (self.part + 1) / self.parts {
                prefetch(self.table[slot].wrapping_add(bytes + 64 * line));
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code)]
#[inline(always)]
fn prefetch(place: *const u8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: to prefetch from anywhere is a hint, which all of these machines know.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn prefetch(_: *const u8) {}
