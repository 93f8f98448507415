//! A slice whose parts are written in parallel.

#![expect(unsafe_code)]

use super::parallel;

/// The start of a slice whose parts different tasks write.
struct Start<T>(*mut T);

// SAFETY: each task makes a slice of a part of its own, of elements that may be sent to its thread.
unsafe impl<T: Send> Sync for Start<T> {}

/// Calls `run(index, chunk)` for each chunk of `length` elements, the last of which may be shorter, as [`parallel`] does.
///
/// # Panics
/// With the payload of a task that panicked.
pub fn parallel_chunks<T: Send>(slice: &mut [T], length: usize, run: &(dyn Fn(usize, &mut [T]) + Sync)) {
    let (all, length) = (slice.len(), length.max(1));
    let start = Start(slice.as_mut_ptr());
    let start = &start;
    parallel(all.div_ceil(length), &|index| {
        let first = index * length;
        // SAFETY: chunks lie within the slice and do not overlap, and each index is run once.
        let chunk = unsafe { std::slice::from_raw_parts_mut(start.0.add(first), length.min(all - first)) };
        run(index, chunk);
    });
}
