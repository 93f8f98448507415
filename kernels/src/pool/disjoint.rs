//! The gradient of greatest or least elements where no two windows share an element: one pass over the input.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, Simd, SimdOp};

use super::window::{Along, Span};
use super::{Extreme, Pool};
use crate::threads::parallel_chunks;

/// The most elements of a vector.
const WIDEST: usize = 64;

/// The most elements of a window: an index is exact as a number.
const MOST: usize = 1 << 24;

/// A line of windows, and the lines of the input that they have.
struct Line<'a> {
    axis: &'a Along,
    channels: usize,
    lines: usize,
    input: &'a [f32],
    gradient: &'a [f32],
    out: &'a mut [f32],
    which: Extreme,
}

/// Where some channels of a window are: the first, the columns, and how many channels.
#[derive(Clone, Copy)]
struct Channels {
    from: usize,
    columns: usize,
    many: usize,
}

impl SimdOp for Line<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, isa: I) {
        let (channels, together) = (self.channels, isa.f32().len());
        let length = self.axis.axis.size * channels;
        let mut done = 0;
        for (window, gradient) in self.gradient.chunks_exact(channels).enumerate() {
            let span = self.axis.span(window);
            if span.count == 0 {
                continue;
            }
            self.clear(done..span.place * channels);
            done = (span.place + span.count) * channels;
            let mut first = 0;
            while first < channels {
                // The last vector may repeat channels, which get the same values again.
                first = first.min(channels.saturating_sub(together));
                let at = Channels {
                    from: span.place * channels + first,
                    columns: span.count,
                    many: together.min(channels),
                };
                let gradient = &gradient[first..][..at.many];
                match self.which {
                    Extreme::Greatest => self.window(
                        isa,
                        at,
                        gradient,
                        #[inline(always)]
                        |x, best| isa.f32().le(x, best),
                    ),
                    Extreme::Least => self.window(
                        isa,
                        at,
                        gradient,
                        #[inline(always)]
                        |x, best| isa.f32().ge(x, best),
                    ),
                }
                first += together;
            }
        }
        self.clear(done..length);
    }
}

impl Line<'_> {
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

    /// A vector of channels of one window; `behind` says which elements do not come before the best so far. NaN is behind nothing.
    #[inline(always)]
    fn window<I: Isa>(
        &mut self,
        isa: I,
        at: Channels,
        gradient: &[f32],
        behind: impl Fn(I::F32, I::F32) -> <I::F32 as Simd>::Mask,
    ) {
        let ops = isa.f32();
        let whole = at.many == ops.len();
        let load = |from: &[f32]| if whole { ops.load(from) } else { ops.load_pad(from).0 };
        let (length, channels) = (self.axis.axis.size * self.channels, self.channels);
        let starts = (0..self.lines).map(|line| at.from + line * length);
        let mut best = load(&self.input[at.from..][..at.many]);
        let mut chosen = ops.zero();
        let mut place = ops.zero();
        for start in starts.clone() {
            for column in 0..at.columns {
                let x = load(&self.input[start + column * channels..][..at.many]);
                // The first of equal ones stays, and the first NaN.
                let stays = behind(x, best);
                let is_number = ops.eq(best, best);
                chosen = ops.select(ops.select(chosen, place, stays), chosen, is_number);
                best = ops.select(ops.select(best, x, stays), best, is_number);
                place = ops.add(place, ops.one());
            }
        }
        // Sums begin at 0, so that -0 becomes 0.
        let gradient = ops.add(load(gradient), ops.zero());
        place = ops.zero();
        for start in starts {
            for column in 0..at.columns {
                let value = ops.select(gradient, ops.zero(), ops.eq(place, chosen));
                let out = &mut self.out[start + column * channels..][..at.many];
                if whole {
                    ops.store(value, out);
                } else {
                    let mut padded = [0.0; WIDEST];
                    ops.store(value, &mut padded);
                    out.copy_from_slice(&padded[..at.many]);
                }
                place = ops.add(place, ops.one());
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
        self.rank < 3
            && a.count == 1
            && apart(b)
            && apart(c)
            && self.channels > 0
            && self.window_size() < MOST
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
                        which,
                    });
                }
                out[done * length..].fill(0.0);
            }
        });
    }
}
