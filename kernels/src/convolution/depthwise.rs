//! Convolutions of each channel by itself.

#![expect(unsafe_code)]

use std::cell::RefCell;
use std::ops::Range;

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use super::band::{Band, Place};
use super::phase::Phase;
use super::shape::Convolution;
use crate::gemm::tile::first_lanes;

/// Windows next to each other, or every so many.
struct Line<'a> {
    phase: &'a Phase,
    /// For each tap, all channels.
    weights: *const f32,
    channels: usize,
    from: *const f32,
    from_step: isize,
    to: *mut f32,
    to_step: usize,
    count: usize,
}

/// Computes the windows of a phase.
///
/// # Safety
/// Windows lie within what the band is read from, and `out` is the result of the convolution, of which no other thread works on
/// this band.
pub(super) unsafe fn forward(
    convolution: &Convolution,
    phase: &Phase,
    band: &Band,
    place: &Place,
    weights: &[f32],
    out: *mut f32,
) {
    let channels = convolution.channels;
    let axis = phase.axes[2];
    let mut seen = 0;
    band.each_window(convolution, phase, place, |from, to| {
        if seen % axis.count == 0 {
            crate::simd::run(Line {
                phase,
                weights: weights.as_ptr(),
                channels,
                from,
                from_step: axis.stride * channels as isize,
                to: out.wrapping_add(to * channels),
                to_step: axis.step * channels,
                count: axis.count,
            });
        }
        seen += 1;
    });
}

impl SimdOp for Line<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let lanes = isa.f32().len();
        let whole = self.channels / lanes * lanes;
        let mut window = 0;
        // SAFETY: the caller of `forward` vouches for the windows.
        unsafe {
            while window + 4 <= self.count {
                for channel in (0..whole).step_by(lanes) {
                    self.some::<I, 4, false>(isa, window, channel);
                }
                if whole < self.channels {
                    self.some::<I, 4, true>(isa, window, whole);
                }
                window += 4;
            }
            while window < self.count {
                for channel in (0..whole).step_by(lanes) {
                    self.some::<I, 1, false>(isa, window, channel);
                }
                if whole < self.channels {
                    self.some::<I, 1, true>(isa, window, whole);
                }
                window += 1;
            }
        }
    }
}

impl Line<'_> {
    /// `W` windows, a vector of channels.
    #[inline(always)]
    #[expect(
        clippy::needless_range_loop,
        reason = "loops of constant length over arrays that live in registers"
    )]
    unsafe fn some<I: Isa, const W: usize, const MASKED: bool>(&self, isa: I, window: usize, channel: usize) {
        let ops = isa.f32();
        let mask = first_lanes(isa, self.channels - channel);
        let load = |at: *const f32| {
            // SAFETY: an element of a window or of the weights for each lane that is read.
            unsafe { if MASKED { ops.load_ptr_mask(at, mask) } else { ops.load_ptr(at) } }
        };
        let from = self.from.wrapping_offset(window as isize * self.from_step).wrapping_add(channel);
        let mut weights = self.weights.wrapping_add(channel);
        let mut sums = [ops.zero(); W];
        for (runs, _) in &self.phase.blocks {
            for run in runs {
                let factor = load(weights);
                weights = weights.wrapping_add(self.channels);
                for w in 0..W {
                    let at = from.wrapping_offset(run.start + w as isize * self.from_step);
                    sums[w] = ops.mul_add(load(at), factor, sums[w]);
                }
            }
        }
        for w in 0..W {
            let to = self.to.wrapping_add((window + w) * self.to_step + channel);
            // SAFETY: an element of the result for each lane that is written.
            unsafe {
                if MASKED {
                    ops.store_ptr_mask(sums[w], to, mask);
                } else {
                    ops.store_ptr(sums[w], to);
                }
            }
        }
    }
}

/// Windows next to each other, or every so many, with the gradient of their results.
struct GradientLine<'a> {
    starts: &'a [isize],
    /// For each tap, where all channels of the gradient of the kernel lie.
    out: &'a [*mut f32],
    channels: Range<usize>,
    from: *const f32,
    from_step: isize,
    gradient: *const f32,
    gradient_step: usize,
    count: usize,
}

/// Adds what the windows of a phase give to the gradient of the kernel, for some channels.
///
/// # Safety
/// Windows lie within what the band is read from, `gradient` is that of the whole result, and `out` that of the kernel, of which no
/// other thread works on these channels.
pub(super) unsafe fn gradient(
    convolution: &Convolution,
    phase: &Phase,
    band: &Band,
    place: &Place,
    gradient: &[f32],
    out: *mut f32,
    channels: Range<usize>,
) {
    let all = convolution.channels;
    let axis = phase.axes[2];
    TAPS.with_borrow_mut(|(starts, to)| {
        starts.clear();
        starts.extend(phase.starts(convolution));
        to.clear();
        to.extend(phase.taps(&convolution.axes).map(|tap| {
            let tap = (0..3).fold(0, |place, axis| place * convolution.axes[axis].kernel + tap[axis]);
            out.wrapping_add(tap * all)
        }));
        let mut seen = 0;
        band.each_window(convolution, phase, place, |from, window| {
            if seen % axis.count == 0 {
                crate::simd::run(GradientLine {
                    starts,
                    out: to,
                    channels: channels.clone(),
                    from,
                    from_step: axis.stride * all as isize,
                    gradient: gradient.as_ptr().wrapping_add(window * all),
                    gradient_step: axis.step * all,
                    count: axis.count,
                });
            }
            seen += 1;
        });
    });
}

thread_local! {
    static TAPS: RefCell<(Vec<isize>, Vec<*mut f32>)> = RefCell::default();
}

impl SimdOp for GradientLine<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let lanes = isa.f32().len();
        for channel in self.channels.clone().step_by(lanes) {
            let masked = channel + lanes > self.channels.end;
            let mut tap = 0;
            // SAFETY: the caller of `gradient` vouches for the windows.
            unsafe {
                while tap + 8 <= self.starts.len() {
                    if masked {
                        self.some::<I, 8, true>(isa, tap, channel);
                    } else {
                        self.some::<I, 8, false>(isa, tap, channel);
                    }
                    tap += 8;
                }
                while tap < self.starts.len() {
                    if masked {
                        self.some::<I, 1, true>(isa, tap, channel);
                    } else {
                        self.some::<I, 1, false>(isa, tap, channel);
                    }
                    tap += 1;
                }
            }
        }
    }
}

impl GradientLine<'_> {
    /// `T` taps, a vector of channels.
    #[inline(always)]
    #[expect(
        clippy::needless_range_loop,
        reason = "loops of constant length over arrays that live in registers"
    )]
    unsafe fn some<I: Isa, const T: usize, const MASKED: bool>(&self, isa: I, tap: usize, channel: usize) {
        let ops = isa.f32();
        let mask = first_lanes(isa, self.channels.end - channel);
        let load = |at: *const f32| {
            // SAFETY: an element of a window, of its gradient or of the result for each lane that is read.
            unsafe { if MASKED { ops.load_ptr_mask(at, mask) } else { ops.load_ptr(at) } }
        };
        let mut sums = [ops.zero(); T];
        for t in 0..T {
            sums[t] = load(self.out[tap + t].wrapping_add(channel));
        }
        for window in 0..self.count {
            let factor = load(self.gradient.wrapping_add(window * self.gradient_step + channel));
            let from = self.from.wrapping_offset(window as isize * self.from_step).wrapping_add(channel);
            for t in 0..T {
                sums[t] = ops.mul_add(load(from.wrapping_offset(self.starts[tap + t])), factor, sums[t]);
            }
        }
        for t in 0..T {
            let to = self.out[tap + t].wrapping_add(channel);
            // SAFETY: an element of the result for each lane that is written.
            unsafe { if MASKED { ops.store_ptr_mask(sums[t], to, mask) } else { ops.store_ptr(sums[t], to) } }
        }
    }
}
