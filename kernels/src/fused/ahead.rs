//! Fetching the next block while this one is computed.
//!
//! Each step of a loop reads at most a few inputs, as fast as it can, and steps without inputs leave memory idle: so each step
//! asks for a part of what the next block will read.

use rten_simd::ops::BitOps;
use rten_simd::{Isa, SimdOp};

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

impl SimdOp for Ahead<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        for &(slot, size) in self.streams {
            let bytes = self.count * size;
            let lines = bytes / 64;
            for line in lines * self.part / self.parts..lines * (self.part + 1) / self.parts {
                isa.f32().prefetch(self.table[slot].wrapping_add(bytes + 64 * line).cast());
            }
        }
    }
}
