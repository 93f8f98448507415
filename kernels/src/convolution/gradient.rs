//! The gradient of a convolution with respect to its kernel: products whose depth are the windows.

#![expect(unsafe_code)]

use std::cell::RefCell;
use std::ops::Range;

use super::band::{Band, Bands, DEEP, Place};
use super::depthwise;
use super::forward::ALONE;
use super::phase::Phase;
use super::shape::Convolution;
use crate::buffer::{Buffer, thread_buffer};
use crate::gemm::Unfit;
use crate::gemm::pack::Source;
use crate::gemm::split::Split;
use crate::gemm::strips::{RightRows, Strips};
use crate::gemm::tile::{Left, Run, lanes, most_rows};
use crate::threads::{parallel, threads};

thread_buffer!(with_copy);
thread_buffer!(with_panels);

thread_local! {
    static ROWS: RefCell<Rows> = RefCell::default();
}

/// Where the elements of the kernel meet the input and lie in the result, and the runs of a block of windows.
#[derive(Default)]
struct Rows {
    left: Vec<*const f32>,
    out: Vec<*mut f32>,
    runs: Vec<Run>,
}

impl Convolution {
    /// Computes the gradient of the kernel, `[spatial.., channels / groups, features]`, from the input and the gradient of the
    /// result; with `accumulate`, adds it to what is there. Each sum runs over the batch, and of each input over the windows in
    /// row-major order.
    ///
    /// # Errors
    /// If operands or the result have other sizes than the convolution.
    pub fn write_kernel_gradient(
        &self,
        input: &[f32],
        gradient: &[f32],
        out: &mut [f32],
        accumulate: bool,
    ) -> Result<(), Unfit> {
        if self.input_len() != Some(input.len()) {
            return Err(Unfit("the input has other sizes than the convolution"));
        }
        if self.output_len() != Some(gradient.len()) {
            return Err(Unfit("the gradient of the result has other sizes than the convolution"));
        }
        if self.kernel_len() != Some(out.len()) {
            return Err(Unfit("the gradient of the kernel has other sizes than the convolution"));
        }
        if !accumulate {
            // Not every element of the kernel may meet the input.
            out.fill(0.0);
        }
        if gradient.is_empty() || out.is_empty() {
            return Ok(());
        }
        let depth: usize = self.phases.iter().map(|phase| phase.depth).max().unwrap_or(0);
        let work = self.batch * self.positions() * self.features * depth;
        let threads = if work < ALONE { 1 } else { threads() };
        let of_group = self.features / self.groups;
        let steps = [most_rows(lanes()), 2 * lanes()];
        let cuts = if self.is_depthwise() {
            [threads.min(self.channels.div_ceil(steps[1])), 1]
        } else {
            let rows = threads.min(depth.div_ceil(steps[0])).max(1);
            [rows, threads.div_ceil(rows).min(of_group.div_ceil(steps[1]))]
        };
        let job = Job { convolution: self, input, gradient, out: out.as_mut_ptr(), cuts, steps };
        let job = &job;
        // SAFETY: sizes are checked, and each task computes elements of its own.
        parallel(cuts[0] * cuts[1], &|task| unsafe { job.compute(task / cuts[1], task % cuts[1]) });
        Ok(())
    }
}

struct Job<'a> {
    convolution: &'a Convolution,
    input: &'a [f32],
    gradient: &'a [f32],
    out: *mut f32,
    /// Into how many parts rows (of a kernel without its features) and features are cut, and at multiples of what.
    cuts: [usize; 2],
    steps: [usize; 2],
}

// SAFETY: each task works on a part of the result of its own.
unsafe impl Sync for Job<'_> {}

impl Job<'_> {
    unsafe fn compute(&self, row: usize, column: usize) {
        let convolution = self.convolution;
        let columns =
            Split::part(convolution.features / convolution.groups, self.cuts[1], column, self.steps[1]);
        let bands = Bands::deep(convolution);
        with_copy(|copy| {
            with_panels(|panels| {
                for band in 0..bands.len(convolution) {
                    let band = bands.get(convolution, band);
                    let place = band.place(convolution, self.input, copy);
                    for phase in &convolution.phases {
                        // SAFETY: the caller's word.
                        unsafe {
                            if convolution.is_depthwise() {
                                let channels =
                                    Split::part(convolution.channels, self.cuts[0], row, self.steps[1]);
                                let (gradient, out) = (self.gradient, self.out);
                                depthwise::gradient(
                                    convolution,
                                    phase,
                                    &band,
                                    &place,
                                    gradient,
                                    out,
                                    channels,
                                );
                            } else {
                                let rows = Split::part(phase.depth, self.cuts[0], row, self.steps[0]);
                                self.phase(&band, &place, phase, rows, columns.clone(), panels);
                            }
                        }
                    }
                }
            });
        });
    }

    /// Adds what the windows of a phase in a band give.
    unsafe fn phase(
        &self,
        band: &Band,
        place: &Place,
        phase: &Phase,
        rows: Range<usize>,
        columns: Range<usize>,
        panels: &mut Buffer,
    ) {
        let convolution = self.convolution;
        let Convolution { channels, features, groups, .. } = *convolution;
        let (in_group, of_group) = (channels / groups, features / groups);
        let windows =
            band.items.len() * band.of_phase(phase).len() * phase.axes[1].count * phase.axes[2].count;
        if rows.is_empty() || columns.is_empty() || windows == 0 {
            return;
        }
        let width = 2 * lanes();
        let axis = phase.axes[2];
        let step = axis.stride * channels as isize;
        ROWS.with_borrow_mut(|kept| {
            for group in 0..groups {
                let column = group * of_group + columns.start;
                kept.left.clear();
                kept.out.clear();
                let starts = phase.starts(convolution);
                let elements = starts.zip(phase.taps(&convolution.axes)).flat_map(|(start, tap)| {
                    let place =
                        (0..3).fold(0, |place, axis| place * convolution.axes[axis].kernel + tap[axis]);
                    (0..in_group).map(move |channel| (start + channel as isize, place * in_group + channel))
                });
                for (start, to) in elements.skip(rows.start).take(rows.len()) {
                    kept.left.push(place.first().wrapping_offset(start + (group * in_group) as isize));
                    kept.out.push(self.out.wrapping_add(to * features + column));
                }
                let (mut done, mut at) = (0, 0);
                let mut seen = 0;
                band.each_window(convolution, phase, place, |from, to| {
                    // Only the first of a line, which the others follow.
                    let first = seen % axis.count == 0;
                    seen += 1;
                    if !first {
                        return;
                    }
                    // SAFETY: both lead into what the band is read from, or are not used.
                    let start = (from as isize - place.first() as isize) / size_of::<f32>() as isize;
                    let mut window = 0;
                    while window < axis.count {
                        let depth = DEEP.min(windows - done);
                        let length = (axis.count - window).min(depth - at);
                        let row = to + window * axis.step;
                        let source = Source {
                            first: self.gradient.as_ptr().wrapping_add(row * features + column),
                            row_stride: axis.step * features,
                            column_stride: 1,
                            depth: length,
                            columns: columns.len(),
                        };
                        let panels = panels.at_least(columns.len().next_multiple_of(width) * DEEP);
                        // SAFETY: windows are within the gradient.
                        unsafe { source.pack_part(width, panels, depth, at) };
                        kept.runs.push(Run { start: start + window as isize * step, length });
                        (window, at) = (window + length, at + length);
                        if at == depth {
                            let strips = Strips {
                                left: Left::Rows { rows: &kept.left, runs: &kept.runs, step },
                                out: &kept.out,
                                depth,
                                right: RightRows::Panels(panels.as_ptr()),
                                columns: columns.len(),
                                fresh: false,
                            };
                            // SAFETY: the caller's word; windows lie within what the band is read from.
                            unsafe { strips.compute() };
                            kept.runs.clear();
                            (done, at) = (done + depth, 0);
                        }
                    }
                });
            }
        });
    }
}
