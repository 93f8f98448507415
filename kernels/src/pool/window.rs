//! How windows lie along a dimension.

use super::Pool;
use crate::convolution::Axis;
use crate::convolution::phase::{PhaseAxis, along};

/// A dimension with its windows.
#[derive(Clone, Debug)]
pub(super) struct Along {
    pub axis: Axis,
    pub count: usize,
    phases: Vec<PhaseAxis>,
}

/// The elements of one window that there are: the first place, how many, and how far apart; and the index of the first in the window
/// and from one to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub place: usize,
    pub count: usize,
    pub step: usize,
    pub tap: usize,
    pub tap_step: usize,
}

impl Along {
    pub fn new(axis: Axis) -> Option<Self> {
        let count = axis.count()?;
        Some(Self { axis, count, phases: if count == 0 { Vec::new() } else { along(&axis, count) } })
    }

    /// What a window spans.
    pub fn span(&self, window: usize) -> Span {
        // Small windows take no longer than a division, and nearly all are divided by 1.
        let up = |size: isize, step: isize| if step == 1 { size } else { (size + step - 1) / step };
        let (phase, number) = match self.phases.as_slice() {
            [phase] if phase.step == 1 => (phase, window),
            phases => {
                let phase = &phases[window % phases.len()];
                (phase, window / phase.step)
            }
        };
        let first = phase.origin + number as isize * phase.stride;
        let (step, size) = (phase.dilation, self.axis.size as isize);
        let before = if first < 0 { up(-first, step) } else { 0 };
        let end = if first < size { up(size - first, step) } else { 0 };
        let count = end.min(phase.taps as isize) - before;
        if count <= 0 {
            return Span::default();
        }
        Span {
            place: (first + before * step) as usize,
            count: count as usize,
            step: step as usize,
            tap: phase.tap + before as usize * phase.tap_step,
            tap_step: phase.tap_step,
        }
    }

    /// The windows that have an element, in order, each with the index of the element in it.
    pub fn windows_of(&self, place: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let axis = self.axis;
        // Window times stride plus index times dilation is this.
        let at = (place * axis.input_dilation) as isize + axis.low;
        let (stride, apart) = (axis.stride as isize, axis.kernel_dilation as isize);
        let first = (at - axis.reach()).max(0) as usize;
        let first = first.div_ceil(axis.stride) as isize;
        let end = if at < 0 || axis.kernel == 0 { 0 } else { (at / stride + 1).min(self.count as isize) };
        (first..end).filter_map(move |window| {
            let rest = at - window * stride;
            (rest % apart == 0).then_some((window as usize, (rest / apart) as usize))
        })
    }
}

/// A line of windows along the last dimension, in one input.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub input: &'a [f32],
    pub channels: usize,
    /// What the line spans along the first two dimensions.
    spans: [Span; 2],
    last: &'a Along,
    /// The size of the last two dimensions of the input, and of the window.
    sizes: [usize; 2],
    kernel: [usize; 2],
}

impl Line<'_> {
    /// What a window spans along the last dimension.
    #[inline]
    pub fn window(&self, window: usize) -> Span {
        self.last.span(window)
    }

    /// How many elements a window has.
    #[inline]
    pub fn elements(&self, third: Span) -> usize {
        self.spans[0].count * self.spans[1].count * third.count
    }

    /// Calls `run` with the place of each element of a window, without its channels, and its index in the window.
    #[inline(always)]
    pub fn each(&self, third: Span, mut run: impl FnMut(usize, u32)) {
        let [first, second] = self.spans;
        for i in 0..first.count {
            let place = (first.place + i * first.step) * self.sizes[0];
            let tap = (first.tap + i * first.tap_step) * self.kernel[0];
            for j in 0..second.count {
                let place = (place + second.place + j * second.step) * self.sizes[1];
                let tap = (tap + second.tap + j * second.tap_step) * self.kernel[1];
                for k in 0..third.count {
                    let place = (place + third.place + k * third.step) * self.channels;
                    run(place, (tap + third.tap + k * third.tap_step) as u32);
                }
            }
        }
    }
}

impl Pool {
    /// A line of windows in one of the inputs.
    pub(super) fn line<'a>(&'a self, input: &'a [f32], item: usize, spans: [Span; 2]) -> Line<'a> {
        let [a, b, c] = &self.axes;
        let of_item = a.axis.size * b.axis.size * c.axis.size * self.channels;
        Line {
            input: &input[item * of_item..][..of_item],
            channels: self.channels,
            spans,
            last: c,
            sizes: [b.axis.size, c.axis.size],
            kernel: [b.axis.kernel, c.axis.kernel],
        }
    }
}
