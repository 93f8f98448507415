//! How windows lie along a dimension.

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
        let phase = self.phases[window % self.phases.len()];
        let first = phase.origin + (window / phase.step) as isize * phase.stride;
        let (step, size) = (phase.dilation, self.axis.size as isize);
        let before = if first < 0 { (-first + step - 1) / step } else { 0 };
        let end = if first < size { (size - first + step - 1) / step } else { 0 };
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
