//! Memory of one's own: aligned, and kept from one call to the next.

#![expect(unsafe_code)]

use bytemuck::{Pod, Zeroable};

/// A cache line of elements.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

// SAFETY: 16 elements fill the 64 bytes, so there is no padding, and zeros are elements.
unsafe impl Zeroable for Line {}
// SAFETY: as above; any bits are elements.
unsafe impl Pod for Line {}

/// Elements that begin at the start of a cache line.
#[derive(Clone, Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
}

impl Buffer {
    /// An empty buffer.
    pub const fn new() -> Self {
        Self { lines: Vec::new() }
    }

    /// A buffer of at least this many zeros.
    pub fn zeros(length: usize) -> Self {
        Self { lines: vec![Line::zeroed(); length.div_ceil(16)] }
    }

    /// At least this many elements, whatever they are; they are kept, unless the buffer has to grow.
    pub fn at_least(&mut self, length: usize) -> &mut [f32] {
        let lines = length.div_ceil(16);
        if self.lines.len() < lines {
            self.lines = vec![Line::zeroed(); lines];
        }
        bytemuck::cast_slice_mut(&mut self.lines)
    }

    pub fn elements(&self) -> &[f32] {
        bytemuck::cast_slice(&self.lines)
    }

    pub fn elements_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.lines)
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
