//! The memory of a plan, whose parts a step reads and writes at the same time.
#![expect(unsafe_code, reason = "disjoint parts of one buffer are borrowed at once")]

use std::ops::Range;

use crate::tensor::Buffer;
use crate::tensor::Storage;

/// The memory that the values of a plan share.
pub(super) struct Arena(Buffer);

impl Arena {
    pub fn new(bytes: usize) -> Option<Self> {
        Buffer::new(bytes).map(Self)
    }

    /// The bytes in a range.
    pub fn read(&self, range: &Range<usize>) -> Option<&[u8]> {
        self.0.bytes().get(range.clone())
    }

    /// The parts that a step reads and those that it writes, put into two lists; false if a part that is written overlaps
    /// another part, or lies outside.
    pub fn split<'a>(
        &'a mut self,
        reads: impl Iterator<Item = Range<usize>> + Clone,
        writes: impl Iterator<Item = Range<usize>> + Clone,
        mut read: impl FnMut(&'a [u8]),
        mut write: impl FnMut(&'a mut [u8]),
    ) -> bool {
        let bytes = self.0.bytes_mut();
        let inside = |range: &Range<usize>| range.start <= range.end && range.end <= bytes.len();
        let apart = |a: &Range<usize>, b: &Range<usize>| {
            a.end <= b.start || b.end <= a.start || a.is_empty() || b.is_empty()
        };
        for (index, written) in writes.clone().enumerate() {
            let alone = reads.clone().all(|other| apart(&written, &other))
                && writes.clone().skip(index + 1).all(|other| apart(&written, &other));
            if !alone || !inside(&written) {
                return false;
            }
        }
        if !reads.clone().all(|range| inside(&range)) {
            return false;
        }
        let start = bytes.as_mut_ptr();
        for range in reads {
            // SAFETY: the range lies in the buffer, which is borrowed for 'a, and overlaps none that is written.
            read(unsafe { std::slice::from_raw_parts(start.add(range.start), range.len()) });
        }
        for range in writes {
            // SAFETY: the range lies in the buffer, which is borrowed mutably for 'a, and overlaps no other range.
            write(unsafe { std::slice::from_raw_parts_mut(start.add(range.start), range.len()) });
        }
        true
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;

    fn split(reads: &[Range<usize>], writes: &[Range<usize>]) -> bool {
        let mut arena = Arena::new(256).unwrap();
        let (mut read, mut written) = (Vec::new(), Vec::new());
        let result = arena.split(
            reads.iter().cloned(),
            writes.iter().cloned(),
            |part| read.push(part),
            |part| written.push(part),
        );
        for part in &mut written {
            part.fill(1);
        }
        assert!(read.iter().all(|part| part.iter().all(|byte| *byte == 0)));
        result
    }

    #[test]
    fn what_is_written_overlaps_nothing_else() {
        assert!(split(&[0..64, 0..128], &[128..192, 192..256]));
        assert!(split(&[0..64], &[64..64]));
        assert!(!split(&[0..64], &[63..128]));
        assert!(!split(&[], &[0..64, 32..96]));
        assert!(!split(&[], &[0..257]));
        assert!(!split(&[200..300], &[0..64]));
    }
}
