//! Convolutions: products whose left rows are windows, read where they lie.

#![expect(unsafe_code)]

use std::ops::Range;

use super::band::{Band, Bands, Place};
use super::kernel::{Kernel, PackedKernel};
use super::phase::Phase;
use super::shape::Convolution;
use crate::buffer::thread_buffer;
use crate::gemm::strips::{RightRows, Strips};
use crate::gemm::tile::{Left, lanes};
use crate::gemm::{Block, Finish, Unfit};
use crate::threads::{parallel, threads};

/// Below so many multiply-adds a convolution stays on one thread.
pub(super) const ALONE: usize = 1 << 17;
/// A task has at least about so many multiply-adds.
pub(super) const TASK: usize = 1 << 16;

thread_buffer!(with_kernel);
thread_buffer!(with_copy);

/// The kernel of a convolution.
#[derive(Clone, Copy, Debug)]
pub enum Weights<'a> {
    /// As it lies in memory.
    Plain(Kernel<'a>),
    /// Packed before.
    Packed(&'a PackedKernel),
}

impl Convolution {
    /// Computes the convolution; `finish` is called once for each window's features, in blocks of whole rows of them, when they
    /// are done: there `batch` is the input, and rows are its windows.
    ///
    /// # Errors
    /// If operands or the result have other sizes than the convolution.
    pub fn write(
        &self,
        input: &[f32],
        weights: Weights,
        out: &mut [f32],
        finish: Option<&Finish>,
    ) -> Result<(), Unfit> {
        if self.input_len() != Some(input.len()) {
            return Err(Unfit("the input has other sizes than the convolution"));
        }
        if self.output_len() != Some(out.len()) {
            return Err(Unfit("the result has other sizes than the convolution"));
        }
        match weights {
            Weights::Packed(packed) => {
                packed.check(self)?;
                self.run(input, packed.panels.elements(), out, finish);
                Ok(())
            }
            Weights::Plain(kernel) => with_kernel(|buffer| {
                let panels = buffer.at_least(self.packed_length());
                self.pack(kernel, panels)?;
                self.run(input, panels, out, finish);
                Ok(())
            }),
        }
    }

    fn run(&self, input: &[f32], panels: &[f32], out: &mut [f32], finish: Option<&Finish>) {
        if out.is_empty() {
            return;
        }
        if self.is_winograd() {
            return self.run_tiles(input, panels, out, finish);
        }
        let of_group = self.features / self.groups;
        let depth: usize = self.phases.iter().map(|phase| phase.depth).sum();
        let work = self.batch * self.positions() / self.phases.len() * self.features * depth;
        let threads = if work < ALONE { 1 } else { threads() };
        // More tasks than threads, so that a thread which was kept waiting by the system holds up little.
        let tasks = if threads == 1 { 1 } else { (4 * threads).min(work / TASK) };
        let bands = Bands::new(self, tasks);
        let count = bands.len(self);
        let whole = if self.groups == 1 { 2 * lanes() } else { of_group };
        let shares = Shares::new(threads, count, of_group, whole);
        let job = Job { convolution: self, input, panels, out: out.as_mut_ptr(), finish };
        let job = &job;
        shares.run(
            // SAFETY: sizes are checked, and each task has windows or columns of its own.
            &|index, columns, all| unsafe { job.compute(&bands.get(self, index), columns, all) },
            // SAFETY: all windows are computed, and each task finishes some of its own.
            &|index| unsafe { job.finish(&bands.get(self, index)) },
        );
    }
}

/// How threads share bands of windows: where there are fewer bands than threads, also the columns of each.
pub(super) struct Shares {
    threads: usize,
    bands: usize,
    columns: usize,
    /// So many columns at a time are given to a thread.
    width: usize,
    /// The parts that the columns are cut into.
    cuts: usize,
}

impl Shares {
    /// So many bands of so many columns, which stay together in groups of `width`.
    pub fn new(threads: usize, bands: usize, columns: usize, width: usize) -> Self {
        let cuts = if bands < threads { threads.div_ceil(bands).min(columns.div_ceil(width)) } else { 1 };
        Self { threads, bands, columns, width, cuts }
    }

    /// Calls `compute` with each band and columns of it, and whether these are all; otherwise, `finish` with each band afterwards.
    pub fn run(&self, compute: &(dyn Fn(usize, Range<usize>, bool) + Sync), finish: &(dyn Fn(usize) + Sync)) {
        let Self { columns, width, cuts, .. } = *self;
        let groups = columns.div_ceil(width);
        let task = |task: usize| {
            let cut = |cut: usize| (groups * cut / cuts * width).min(columns);
            compute(task / cuts, cut(task % cuts)..cut(task % cuts + 1), cuts == 1);
        };
        if self.threads == 1 {
            (0..self.bands * cuts).for_each(task);
        } else {
            parallel(self.bands * cuts, &task);
        }
        if cuts > 1 {
            parallel(self.bands, finish);
        }
    }
}

/// A convolution whose sizes are checked, with the place it goes to.
struct Job<'a> {
    convolution: &'a Convolution,
    input: &'a [f32],
    panels: &'a [f32],
    out: *mut f32,
    finish: Option<&'a Finish<'a>>,
}

// SAFETY: each task works on a part of the result of its own.
unsafe impl Sync for Job<'_> {}

impl Job<'_> {
    /// Computes the columns of each group of the windows of a band, and finishes them if there are no others.
    unsafe fn compute(&self, band: &Band, columns: Range<usize>, whole: bool) {
        with_copy(|buffer| {
            let convolution = self.convolution;
            let place = band.place(convolution, self.input, buffer);
            let mut panels = self.panels;
            for phase in &convolution.phases {
                let of_group = convolution.panels_of(phase);
                let (of_phase, rest) = panels.split_at(of_group * convolution.groups);
                panels = rest;
                // SAFETY: the caller's word; windows lie within what the band is read from.
                unsafe {
                    if phase.depth == 0 {
                        zeros(self, band, phase, &columns);
                    } else if convolution.is_depthwise() {
                        super::depthwise::forward(convolution, phase, band, &place, of_phase, self.out);
                    } else {
                        WINDOWS.with_borrow_mut(|windows| {
                            windows.clear();
                            band.each_window(convolution, phase, &place, |from, to| {
                                windows.0.push(from);
                                windows.1.push(self.out.wrapping_add(to * convolution.features));
                            });
                            self.products(phase, windows, of_phase, &columns);
                        });
                    }
                }
            }
            if whole {
                // SAFETY: as above.
                unsafe { self.finish(band) };
            }
        });
    }

    unsafe fn products(&self, phase: &Phase, windows: &mut Windows, panels: &[f32], columns: &Range<usize>) {
        let convolution = self.convolution;
        let (channels, features) =
            (convolution.channels / convolution.groups, convolution.features / convolution.groups);
        let padded = features.next_multiple_of(2 * lanes());
        for group in 0..convolution.groups {
            if group > 0 {
                windows.0.iter_mut().for_each(|from| *from = from.wrapping_add(channels));
                windows.1.iter_mut().for_each(|to| *to = to.wrapping_add(features));
            }
            let panels = &panels[group * convolution.panels_of(phase)..];
            for (index, (runs, depth)) in phase.blocks.iter().enumerate() {
                let first = panels[index * phase.block * padded + columns.start * depth..].as_ptr();
                if columns.start > 0 {
                    windows.2.clear();
                    windows.2.extend(windows.1.iter().map(|to| to.wrapping_add(columns.start)));
                }
                let strips = Strips {
                    left: Left::Rows { rows: &windows.0, runs, step: 1 },
                    out: if columns.start > 0 { &windows.2 } else { &windows.1 },
                    depth: *depth,
                    right: RightRows::Panels(first),
                    columns: columns.len(),
                    fresh: index == 0,
                };
                // SAFETY: the caller's word.
                unsafe { strips.compute() };
            }
        }
    }

    unsafe fn finish(&self, band: &Band) {
        let Some(finish) = self.finish else { return };
        let convolution = self.convolution;
        let columns = convolution.features;
        let of_window = convolution.counts[1] * convolution.counts[2];
        let rows = band.windows.start * of_window..band.windows.end * of_window;
        if rows.is_empty() {
            return;
        }
        for item in band.items.clone() {
            let first = (item * convolution.positions() + rows.start) * columns;
            // SAFETY: the windows are within the result, and this thread alone works on them.
            let data = unsafe { std::slice::from_raw_parts_mut(self.out.add(first), rows.len() * columns) };
            finish(Block { batch: item, rows: rows.clone(), columns, row_stride: columns, data });
        }
    }
}

/// Windows that touch nothing.
unsafe fn zeros(job: &Job, band: &Band, phase: &Phase, columns: &Range<usize>) {
    let convolution = job.convolution;
    let nowhere = Place::nowhere();
    let columns = if columns.len() == convolution.features / convolution.groups {
        0..convolution.features
    } else {
        columns.clone()
    };
    band.each_window(convolution, phase, &nowhere, |_, to| {
        // SAFETY: the caller's word.
        unsafe {
            let first = job.out.add(to * convolution.features + columns.start);
            std::slice::from_raw_parts_mut(first, columns.len()).fill(0.0);
        }
    });
}

/// Where windows are read from, where their features go, and the same from some column on; kept from one call to the next.
#[derive(Default)]
struct Windows(Vec<*const f32>, Vec<*mut f32>, Vec<*mut f32>);

impl Windows {
    fn clear(&mut self) {
        self.0.clear();
        self.1.clear();
    }
}

thread_local! {
    static WINDOWS: std::cell::RefCell<Windows> = std::cell::RefCell::default();
}
