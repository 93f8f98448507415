//! Memory of one's own: aligned, and kept from one call to the next.

use crate::memory::Memory;

/// Elements that begin at the start of a cache line, unless they are few.
#[derive(Default)]
pub(crate) struct Buffer {
    memory: Memory,
}

impl Buffer {
    /// An empty buffer.
    pub const fn new() -> Self {
        Self { memory: Memory::empty() }
    }

    /// A buffer of at least this many zeros.
    pub fn zeros(length: usize) -> Self {
        let bytes = length.next_multiple_of(16).saturating_mul(size_of::<f32>());
        let layout = std::alloc::Layout::array::<u8>(bytes).unwrap_or(std::alloc::Layout::new::<f32>());
        // What a `Vec` does where memory is short.
        let memory = Memory::zeros(bytes).unwrap_or_else(|| std::alloc::handle_alloc_error(layout));
        Self { memory }
    }

    /// At least this many elements, whatever they are; they are kept, unless the buffer has to grow.
    pub fn at_least(&mut self, length: usize) -> &mut [f32] {
        if self.elements().len() < length {
            *self = Self::zeros(length);
        }
        self.elements_mut()
    }

    pub fn elements(&self) -> &[f32] {
        bytemuck::cast_slice(self.memory.bytes())
    }

    pub fn elements_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(self.memory.bytes_mut())
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        let mut copy = Self::zeros(self.elements().len());
        copy.elements_mut().copy_from_slice(self.elements());
        copy
    }
}

/// A buffer of each thread, lent to one caller at a time; a caller within a caller gets a fresh one.
macro_rules! thread_buffer {
    ($name:ident) => {
        fn $name<R>(with: impl FnOnce(&mut $crate::buffer::Buffer) -> R) -> R {
            thread_local! {
                static KEPT: std::cell::Cell<$crate::buffer::Buffer> = const { std::cell::Cell::new($crate::buffer::Buffer::new()) };
            }
            let mut buffer = KEPT.take();
            let result = with(&mut buffer);
            KEPT.set(buffer);
            result
        }
    };
}

pub(crate) use thread_buffer;
