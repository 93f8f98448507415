//! The gradient of greatest or least elements where no two windows share an element: one pass over the input.

use rten_simd::{Isa, SimdOp};

use super::window::{Along, Span};
use super::{Extreme, Pool};
use crate::threads::parallel_chunks;

/// Channels that are worked on at a time.
const TOGETHER: usize = 16;

/// A line of windows, and the lines of the input from the last window before it to its own last.
struct Line<'a> {
    axis: &'a Along,
    channels: usize,
    /// The lines that the windows have.
    lines: usize,
    input: &'a [f32],
    gradient: &'a [f32],
    out: &'a mut [f32],
    least: bool,
}

impl SimdOp for Line<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, _: I) {
        if self.least {
            self.each(
                #[inline(always)]
                |x, best| x >= best,
            );
        } else {
            self.each(
                #[inline(always)]
                |x, best| x <= best,
            );
        }
    }
}

impl Line<'_> {
    /// Writes all lines; `behind` says whether an element is behind one before it. NaN is behind nothing.
    #[inline(always)]
    fn each(&mut self, behind: impl Fn(f32, f32) -> bool + Copy) {
        let (channels, length) = (self.channels, self.axis.axis.size * self.channels);
        let mut done = 0;
        for (window, gradient) in self.gradient.chunks_exact(channels).enumerate() {
            let span = self.axis.span(window);
            if span.count == 0 {
                continue;
            }
            self.clear(done..span.place * channels);
            done = (span.place + span.count) * channels;
            let (chunks, rest) = gradient.as_chunks::<TOGETHER>();
            for (index, gradient) in chunks.iter().enumerate() {
                let from = span.place * channels + index * TOGETHER;
                self.window(from, span.count, length, TOGETHER, gradient, behind);
            }
            if !rest.is_empty() {
                let mut padded = [0.0; TOGETHER];
                padded[..rest.len()].copy_from_slice(rest);
                let from = span.place * channels + chunks.len() * TOGETHER;
                self.window(from, span.count, length, rest.len(), &padded, behind);
            }
        }
        self.clear(done..length);
    }

    /// Zeros in a range of all lines.
    #[inline(always)]
    fn clear(&mut self, range: std::ops::Range<usize>) {
        if !range.is_empty() {
            let length = self.axis.axis.size * self.channels;
            for line in self.out.chunks_exact_mut(length) {
                line[range.clone()].fill(0.0);
            }
        }
    }

    /// `many` channels of a window, whose first element is at `from`.
    #[inline(always)]
    fn window(
        &mut self,
        from: usize,
        count: usize,
        length: usize,
        many: usize,
        gradient: &[f32; TOGETHER],
        behind: impl Fn(f32, f32) -> bool,
    ) {
        let mut best = [0.0_f32; TOGETHER];
        let mut chosen = [0_u32; TOGETHER];
        let mut place = 0;
        for line in 0..self.lines {
            for column in 0..count {
                let at = from + line * length + column * self.channels;
                let mut elements = [0.0; TOGETHER];
                match self.input[at..].first_chunk() {
                    Some(chunk) if many == TOGETHER => elements = *chunk,
                    _ => elements[..many].copy_from_slice(&self.input[at..][..many]),
                }
                for ((best, chosen), x) in best.iter_mut().zip(&mut chosen).zip(elements) {
                    let stays = (behind(x, *best) | best.is_nan()) & (place > 0);
                    *best = if stays { *best } else { x };
                    *chosen = if stays { *chosen } else { place };
                }
                place += 1;
            }
        }
        place = 0;
        for line in 0..self.lines {
            for column in 0..count {
                let at = from + line * length + column * self.channels;
                let mut elements = [0.0; TOGETHER];
                for ((element, &gradient), &chosen) in elements.iter_mut().zip(gradient).zip(&chosen) {
                    // Sums begin at 0, so that -0 becomes 0.
                    *element = if chosen == place { gradient + 0.0 } else { 0.0 };
                }
                match self.out[at..].first_chunk_mut() {
                    Some(chunk) if many == TOGETHER => *chunk = elements,
                    _ => self.out[at..][..many].copy_from_slice(&elements[..many]),
                }
                place += 1;
            }
        }
    }
}

impl Pool {
    /// Whether no element of the input is in two windows, and windows have no gaps, along 1 or 2 dimensions.
    pub(super) fn is_disjoint(&self) -> bool {
        let [a, b, c] = &self.axes;
        let apart = |along: &Along| {
            let axis = &along.axis;
            axis.input_dilation == 1 && axis.kernel_dilation == 1 && axis.stride >= axis.kernel
        };
        self.rank < 3 && a.count == 1 && apart(b) && apart(c) && self.channels > 0
    }

    /// The gradient of the extremes of disjoint windows; sizes have been checked.
    pub(super) fn write_disjoint(&self, which: Extreme, input: &[f32], gradient: &[f32], out: &mut [f32]) {
        let [_, b, c] = &self.axes;
        let (size, length, windows) = (b.axis.size, c.axis.size * self.channels, c.count * self.channels);
        if out.is_empty() {
            return;
        }
        // Lines of the input that are worked on together: those of one line of windows, or of one item.
        let even = b.axis.low == 0 && size.is_multiple_of(b.axis.stride) && b.count == size / b.axis.stride;
        let (unit, windows_of_unit) = if even { (b.axis.stride, 1) } else { (size, b.count) };
        let units = Self::lines(out.len() / (unit * length), unit * length, 2);
        parallel_chunks(out, units * unit * length, &|index, chunk| {
            for (number, out) in chunk.chunks_exact_mut(unit * length).enumerate() {
                let number = index * units + number;
                let input = &input[number * unit * length..][..unit * length];
                let gradient = &gradient[number * windows_of_unit * windows..][..windows_of_unit * windows];
                let mut done = 0;
                for window in 0..windows_of_unit {
                    let Span { place, count, .. } = b.span(window);
                    if count == 0 {
                        continue;
                    }
                    out[done * length..place * length].fill(0.0);
                    done = place + count;
                    crate::simd::run(Line {
                        axis: c,
                        channels: self.channels,
                        lines: count,
                        input: &input[place * length..done * length],
                        gradient: &gradient[window * windows..][..windows],
                        out: &mut out[place * length..done * length],
                        least: which == Extreme::Least,
                    });
                }
                out[done * length..].fill(0.0);
            }
        });
    }
}
