//! Bounds of a size.

use std::fmt;

/// The sizes from `min` to `max`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SizeRange {
    /// The smallest size.
    pub min: usize,
    /// The largest size, if there is one.
    pub max: Option<usize>,
}

impl SizeRange {
    /// Whether the size lies in it.
    pub fn contains(self, size: usize) -> bool {
        self.min <= size && self.max.is_none_or(|max| size <= max)
    }

    /// Whether every size of the other range lies in this one.
    pub fn includes(self, other: Self) -> bool {
        self.min <= other.min && self.max.is_none_or(|max| other.max.is_some_and(|other| other <= max))
    }

    /// The sizes that lie in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let max = self.max.into_iter().chain(other.max).min();
        Self { min: self.min.max(other.min), max }
    }
}

impl fmt::Display for SizeRange {
    /// `1..=64`, `1..`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.max {
            Some(max) if self.min == 0 => write!(f, "..={max}"),
            Some(max) => write!(f, "{}..={max}", self.min),
            None => write!(f, "{}..", self.min),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_both_ends() {
        let range = SizeRange { min: 1, max: Some(64) };
        assert!(range.contains(1) && range.contains(64) && !range.contains(0) && !range.contains(65));
        let open = SizeRange { min: 2, max: None };
        assert_eq!(range.and(open), SizeRange { min: 2, max: Some(64) });
        assert!(open.includes(range.and(open)) && !open.includes(range) && !range.includes(open));
        assert_eq!([range, open].map(|range| range.to_string()), ["1..=64", "2.."]);
    }
}
