//! Memory that kernels write to: aligned to 64 bytes, unless it is little, and zero at first.

use holotype_kernels::memory::Memory;
pub(crate) use holotype_kernels::memory::{ALIGNMENT, LITTLE};

use super::data::Storage;

/// Bytes aligned to 64; up to 1024 of them to 16.
pub(crate) struct Buffer(Memory);

impl Buffer {
    /// So many zeros; none if memory is short.
    pub fn new(bytes: usize) -> Option<Self> {
        Memory::zeros(bytes).map(Self)
    }

    /// As many bytes as were asked for.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.0.bytes_mut()
    }
}

impl Storage for Buffer {
    fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}
