//! Parts of one block of bytes, written by several threads.
#![expect(unsafe_code)]

use crate::threads;

/// A pointer that threads share.
#[derive(Clone, Copy)]
pub(crate) struct Shared(*mut u8);

// SAFETY: what is done with the pointer is unsafe itself, and says there why threads do not meet.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    pub(crate) fn new(pointer: *mut u8) -> Self {
        Self(pointer)
    }

    pub(crate) fn get(self) -> *mut u8 {
        self.0
    }
}

/// Runs `run` for each part of so many bytes, the last one shorter; on several threads if asked.
pub(crate) fn for_each(
    bytes: &mut [u8],
    part: usize,
    parallel: bool,
    run: &(dyn Fn(usize, &mut [u8]) + Sync),
) {
    let part = part.max(1);
    if !parallel {
        for (index, bytes) in bytes.chunks_mut(part).enumerate() {
            run(index, bytes);
        }
        return;
    }
    let (start, length) = (Shared::new(bytes.as_mut_ptr()), bytes.len());
    threads::parallel(length.div_ceil(part), &|index| {
        let from = index * part;
        let to = length.min(from + part);
        // SAFETY: parts do not overlap, each is handed out once, and `bytes` is borrowed until all are done.
        run(index, unsafe { std::slice::from_raw_parts_mut(start.get().add(from), to.saturating_sub(from)) });
    });
}
