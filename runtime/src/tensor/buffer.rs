//! Memory that kernels write to: aligned to 64 bytes, zero at first.

use bytemuck::{Pod, Zeroable};

use super::data::Storage;

/// The alignment in bytes: a line of the cache, and the widest vector.
pub(crate) const ALIGNMENT: usize = 64;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([u8; ALIGNMENT]);

/// Bytes aligned to 64.
#[derive(Clone)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
    bytes: usize,
}

impl Buffer {
    /// So many zeros; none if memory is short.
    pub fn new(bytes: usize) -> Option<Self> {
        let lines = bytemuck::allocation::try_zeroed_vec(bytes.div_ceil(ALIGNMENT)).ok()?;
        Some(Self { lines, bytes })
    }

    /// As many bytes as were asked for.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        bytemuck::cast_slice_mut(&mut self.lines).get_mut(..self.bytes).unwrap_or_default()
    }
}

impl Storage for Buffer {
    fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.lines).get(..self.bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_and_as_long_as_asked() {
        for bytes in [0, 1, 63, 64, 65, 1000] {
            let mut buffer = Buffer::new(bytes).unwrap();
            assert_eq!((buffer.bytes().len(), buffer.bytes_mut().len()), (bytes, bytes));
            assert!(bytes == 0 || buffer.bytes().as_ptr().addr() % ALIGNMENT == 0);
        }
        assert!(Buffer::new(usize::MAX).is_none());
    }
}
