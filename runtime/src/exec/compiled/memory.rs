//! Where values lie: those that do not live at the same time share memory.

use crate::tensor::ALIGNMENT;
use std::ops::Range;

/// Memory that is handed out and taken back.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The parts that are not in use, in order, none next to another.
    free: Vec<Range<usize>>,
    /// The most that has been in use.
    pub end: usize,
}

impl Memory {
    /// A part of so many bytes, aligned: the smallest that fits.
    pub fn take(&mut self, bytes: usize) -> Range<usize> {
        let length = bytes.next_multiple_of(ALIGNMENT);
        let fits = self.free.iter().enumerate().filter(|(_, part)| part.len() >= length);
        if let Some((index, _)) = fits.min_by_key(|(_, part)| part.len()) {
            let part = &mut self.free[index];
            let start = part.start;
            part.start += length;
            if part.start >= part.end {
                self.free.remove(index);
            }
            return start..start + bytes;
        }
        // A part at the end grows.
        let start = match self.free.last() {
            Some(part) if part.end == self.end => part.start,
            _ => self.end,
        };
        if start < self.end {
            self.free.pop();
        }
        self.end = start + length;
        start..start + bytes
    }

    /// Takes a part back.
    pub fn give(&mut self, part: &Range<usize>) {
        let part = part.start..part.start + part.len().next_multiple_of(ALIGNMENT);
        if part.is_empty() {
            return;
        }
        let index = self.free.partition_point(|other| other.start < part.start);
        self.free.insert(index, part);
        if index + 1 < self.free.len() && self.free[index].end == self.free[index + 1].start {
            self.free[index].end = self.free.remove(index + 1).end;
        }
        if index > 0 && self.free[index - 1].end == self.free[index].start {
            self.free[index - 1].end = self.free.remove(index).end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_use_do_not_overlap_and_are_used_again() {
        let mut memory = Memory::default();
        let parts: Vec<_> = [100, 0, 64, 1].map(|bytes| memory.take(bytes)).to_vec();
        assert_eq!(parts, [0..100, 128..128, 128..192, 192..193]);
        memory.give(&parts[2]);
        memory.give(&parts[0]);
        assert_eq!(memory.take(60), 0..60);
        assert_eq!(memory.take(129), 256..385);
        memory.give(&(0..60));
        assert_eq!((memory.take(192), memory.end), (0..192, 448));
    }

    #[test]
    fn the_end_grows_by_what_is_lacking() {
        let mut memory = Memory::default();
        let part = memory.take(64);
        memory.give(&part);
        assert_eq!((memory.take(256), memory.end), (0..256, 256));
    }

    #[test]
    fn random_lives_never_overlap() {
        let mut state = 7_u64;
        let mut random = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        let mut memory = Memory::default();
        let mut alive: Vec<Range<usize>> = Vec::new();
        for _ in 0..5000 {
            if random(2) == 0 && !alive.is_empty() {
                let part = alive.swap_remove(random(alive.len() as u64) as usize);
                memory.give(&part);
            } else {
                let part = memory.take(random(2000) as usize + 1);
                assert!(part.start % ALIGNMENT == 0 && part.end <= memory.end);
                assert!(alive.iter().all(|other| part.end <= other.start || other.end <= part.start));
                alive.push(part);
            }
        }
    }
}
