//! Memory that is zero at first: aligned to a line of the cache, unless it is little, and in large pages where there is much of it.

use bytemuck::allocation::try_zeroed_vec;
use bytemuck::{Pod, Zeroable};
use memmap2::MmapMut;

/// The alignment in bytes: a line of the cache, and the widest vector.
pub const ALIGNMENT: usize = 64;

/// Up to so many bytes are aligned for their elements alone: allocators have such memory at hand, and search for an aligned place.
pub const LITTLE: usize = 1 << 10;

/// From so many bytes on, pages of 2 MiB are asked for: the processor finds places in them faster, and the system hands them out
/// with fewer interruptions.
const MUCH: usize = 1 << 22;

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([u8; ALIGNMENT]);

/// Bytes aligned to 64; up to 1024 of them to 16.
///
/// ```
/// use holotype_kernels::memory::Memory;
/// let mut memory = Memory::zeros(100).ok_or("no memory")?;
/// memory.bytes_mut()[99] = 7;
/// assert_eq!((memory.bytes().len(), memory.bytes()[98], memory.bytes()[99]), (100, 0, 7));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug)]
pub struct Memory {
    own: Own,
    length: usize,
}

#[derive(Debug)]
enum Own {
    Words(Vec<u128>),
    Lines(Vec<Line>),
    Pages(MmapMut),
}

impl Memory {
    /// No bytes.
    pub const fn empty() -> Self {
        Self { own: Own::Words(Vec::new()), length: 0 }
    }

    /// So many zeros; none if memory is short.
    pub fn zeros(length: usize) -> Option<Self> {
        let own = if length <= LITTLE {
            let (mut words, count) = (Vec::new(), length.div_ceil(size_of::<u128>()));
            words.try_reserve_exact(count).ok()?;
            words.resize(count, 0);
            Own::Words(words)
        } else if let Some(pages) = large(length) {
            Own::Pages(pages)
        } else {
            Own::Lines(try_zeroed_vec(length.div_ceil(ALIGNMENT)).ok()?)
        };
        Some(Self { own, length })
    }

    /// As many bytes as were asked for.
    pub fn bytes(&self) -> &[u8] {
        let all: &[u8] = match &self.own {
            Own::Words(words) => bytemuck::cast_slice(words),
            Own::Lines(lines) => bytemuck::cast_slice(lines),
            Own::Pages(pages) => pages,
        };
        all.get(..self.length).unwrap_or_default()
    }

    /// As many bytes as were asked for.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let all: &mut [u8] = match &mut self.own {
            Own::Words(words) => bytemuck::cast_slice_mut(words),
            Own::Lines(lines) => bytemuck::cast_slice_mut(lines),
            Own::Pages(pages) => pages,
        };
        all.get_mut(..self.length).unwrap_or_default()
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::empty()
    }
}

/// Memory in large pages, where the system has them and so much is asked for that they are worth it.
fn large(length: usize) -> Option<MmapMut> {
    if !cfg!(target_os = "linux") || cfg!(miri) || length < MUCH || isize::try_from(length).is_err() {
        return None;
    }
    let pages = MmapMut::map_anon(length).ok()?;
    // Where the advice is not taken, pages are small.
    #[cfg(target_os = "linux")]
    let _ = pages.advise(memmap2::Advice::HugePage);
    Some(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_zero_aligned_and_as_long_as_asked() {
        for length in
            [0, 1, 15, 16, 17, 63, 64, 65, LITTLE, LITTLE + 1, 5000, MUCH - 1, MUCH, MUCH + 1, 3 * MUCH]
        {
            let mut memory = Memory::zeros(length).unwrap();
            assert_eq!((memory.bytes().len(), memory.bytes_mut().len()), (length, length));
            let alignment = if length <= LITTLE { 16 } else { ALIGNMENT };
            assert!(length == 0 || memory.bytes().as_ptr().addr().is_multiple_of(alignment));
            assert!(memory.bytes().iter().all(|byte| *byte == 0));
            memory.bytes_mut().fill(3);
            assert!(memory.bytes().iter().all(|byte| *byte == 3));
        }
        assert!(Memory::zeros(usize::MAX).is_none() && Memory::zeros(usize::MAX / 4).is_none());
    }
}
