//! How a product is divided among threads.

use crate::threads::threads;

/// Below so many multiply-adds a product stays on one thread.
pub(super) const ALONE: usize = 1 << 20;
/// A task has at least about so many multiply-adds.
pub(super) const TASK: usize = 1 << 18;

/// A product cut into tasks: the batch, rows and columns into so many parts each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub batch: usize,
    pub rows: usize,
    pub columns: usize,
}

impl Split {
    /// For `batch` products of such sizes; parts of rows are multiples of `row_step`, of columns of `column_step`, except the last.
    pub fn new(batch: usize, rows: usize, depth: usize, columns: usize, steps: [usize; 2]) -> Self {
        let mut split = Self { batch: 1, rows: 1, columns: 1 };
        // With few rows, reading the right operand takes longer than multiplying.
        let work = batch.saturating_mul(rows.max(4)).saturating_mul(depth).saturating_mul(columns);
        let threads = threads();
        if threads == 1 || work < ALONE {
            return split;
        }
        // More tasks than threads, so that a thread which was kept waiting by the system holds up little.
        let wanted = (work / TASK).min(4 * threads);
        if batch >= threads {
            split.batch = wanted.min(batch);
            return split;
        }
        split.batch = batch;
        let wanted = if batch * 2 > threads { threads } else { threads.div_ceil(batch) };
        [split.rows, split.columns] = Self::cut([rows, columns], steps, |parts| parts >= wanted);
        split
    }

    /// Into how many parts rows and columns are cut, always where parts are longer, until there are `enough` of them or none can be cut.
    pub fn cut(lengths: [usize; 2], steps: [usize; 2], enough: impl Fn(usize) -> bool) -> [usize; 2] {
        let mut parts = [1; 2];
        while !enough(parts[0] * parts[1]) {
            let length = |axis: usize| {
                let most = lengths[axis].div_ceil(steps[axis]);
                if parts[axis] < most { lengths[axis] / parts[axis] } else { 0 }
            };
            match (length(0), length(1)) {
                (0, 0) => break,
                (rows, columns) if rows >= columns => parts[0] += 1,
                _ => parts[1] += 1,
            }
        }
        parts
    }

    /// Part `index` of `parts` of `length` elements, cut at multiples of `step`.
    pub fn part(length: usize, parts: usize, index: usize, step: usize) -> std::ops::Range<usize> {
        let steps = length.div_ceil(step);
        let cut = |index: usize| (steps * index / parts * step).min(length);
        cut(index)..cut(index + 1)
    }
}
