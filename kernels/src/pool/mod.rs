//! Pooling over 1 to 3 spatial dimensions, channels last: `[batch, spatial.., channels]` without gaps.
//!
//! Padding is left out: it is never the greatest or least, and adds nothing. NaN wins over every number, and 0 over -0 as the
//! greater. Sums are made in `f64`, in the order of the places, and rounded once.

mod disjoint;
mod extreme;
mod fold;
mod gradient;
mod window;

use crate::convolution::Axis;
use crate::gemm::Unfit;
use crate::threads::{parallel_chunks, threads};
use window::{Along, Span};

pub use extreme::Extreme;

/// Below so many elements read, pooling stays on one thread.
const ALONE: usize = 1 << 15;

/// Windows of certain sizes, worked out once and used many times.
#[derive(Clone, Debug)]
pub struct Pool {
    batch: usize,
    channels: usize,
    /// Three of them; those that the caller does not have come first and have one element.
    axes: [Along; 3],
    rank: usize,
}

/// What is done with a line of windows: the input it is in, what it spans along the first two dimensions, and its results.
type OnLine<'a, T> = dyn Fn(usize, [Span; 2], &mut [T]) + Sync + 'a;

/// How the elements of a window are weighed for a mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mean {
    /// By the size of a window, also where it reaches into the padding.
    Size,
    /// By the number of elements that there are.
    Elements,
}

impl Pool {
    /// Windows over `batch` inputs; of an axis, `kernel` is the size of a window, and it does not matter whether it is reversed.
    ///
    /// # Errors
    /// If windows do not fit, there are more than 3 axes, or a size is too large.
    pub fn new(batch: usize, axes: &[Axis], channels: usize) -> Result<Self, Unfit> {
        let rank = axes.len();
        if rank > 3 {
            return Err(Unfit("pooling has at most 3 spatial dimensions"));
        }
        let mut all = [Axis::new(1, 1); 3];
        all[3 - rank..].copy_from_slice(axes);
        let [a, b, c] = all.map(Along::new);
        let pool = match (a, b, c) {
            (Some(a), Some(b), Some(c)) => Self { batch, channels, axes: [a, b, c], rank },
            _ => return Err(Unfit("windows do not fit into the input and its padding")),
        };
        let elements = |of: fn(&Along) -> usize| {
            pool.axes.iter().map(of).try_fold(batch, usize::checked_mul)?.checked_mul(channels.max(1))
        };
        let lengths = [elements(|axis| axis.axis.size), elements(|axis| axis.count)];
        let places = pool.axes.iter().map(|axis| axis.axis.kernel).try_fold(1, usize::checked_mul);
        if lengths.iter().any(|length| length.is_none_or(|length| length > isize::MAX as usize / 16))
            || places.is_none_or(|places| places >= u32::MAX as usize)
        {
            return Err(Unfit("a size overflows"));
        }
        Ok(pool)
    }

    /// The number of windows along each spatial dimension.
    pub fn counts(&self) -> impl Iterator<Item = usize> + '_ {
        self.axes[3 - self.rank..].iter().map(|axis| axis.count)
    }

    fn input_len(&self) -> usize {
        self.axes.iter().map(|axis| axis.axis.size).product::<usize>() * self.batch * self.channels
    }

    fn output_len(&self) -> usize {
        self.axes.iter().map(|axis| axis.count).product::<usize>() * self.batch * self.channels
    }

    fn check(&self, input: usize, output: usize) -> Result<(), Unfit> {
        if input != self.input_len() {
            Err(Unfit("the input has other sizes than the windows"))
        } else if output != self.output_len() {
            Err(Unfit("the result has other sizes than the windows"))
        } else {
            Ok(())
        }
    }

    /// The lines of windows (or of the input) that a task should have: `lines` of them are `length` elements each, for each of
    /// which about `of_each` are read.
    fn lines(lines: usize, length: usize, of_each: usize) -> usize {
        let work = lines.saturating_mul(length).saturating_mul(of_each);
        if work < ALONE { lines.max(1) } else { lines.div_ceil(4 * threads()).max(1) }
    }

    fn window_size(&self) -> usize {
        self.axes.iter().map(|axis| axis.axis.kernel).product()
    }

    /// For each line of windows, along the last dimension: its number, and what it spans along the first two.
    fn each_line<T: Send>(&self, out: &mut [T], run: &OnLine<T>) {
        let [a, b, c] = &self.axes;
        let length = c.count * self.channels;
        if length == 0 || out.is_empty() {
            return;
        }
        let lines = Self::lines(out.len() / length, length, self.window_size());
        parallel_chunks(out, lines * length, &|index, chunk| {
            for (line, chunk) in chunk.chunks_exact_mut(length).enumerate() {
                let line = index * lines + line;
                let item = line / b.count / a.count;
                run(item, [a.span(line / b.count % a.count), b.span(line % b.count)], chunk);
            }
        });
    }
}

#[cfg(test)]
mod tests;
