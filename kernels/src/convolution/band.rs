//! Some windows of some inputs, with what they are read from.

use std::ops::Range;

use super::phase::Phase;
use super::shape::Convolution;
use crate::buffer::Buffer;

/// Elements of input and result that a band should have about, so that they stay in the second cache.
const ELEMENTS: usize = 80 << 10;

/// So many windows are deep enough.
pub(super) const DEEP: usize = 256;

/// Some inputs of the batch, and of each the windows in a range of the first dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Band {
    pub items: Range<usize>,
    pub windows: Range<usize>,
}

/// How a convolution is cut into bands: so many inputs at once, each in so many parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bands {
    items: usize,
    parts: usize,
}

impl Bands {
    /// At least `tasks` bands, if there is enough to do.
    pub fn new(convolution: &Convolution, tasks: usize) -> Self {
        let Convolution { batch, channels, features, .. } = convolution;
        let [(_, rows), (_, columns), (_, last)] = convolution.region;
        let of_item = rows * columns * last * channels + convolution.positions() * features;
        let (batch, windows) = (*batch, convolution.counts[0]);
        if of_item <= ELEMENTS {
            let most = batch.div_ceil(tasks).max(1);
            // Enough rows for whole tiles.
            let wanted = 192_usize.div_ceil(convolution.positions()).min(ELEMENTS / of_item.max(1)).max(1);
            let parts = if batch >= tasks { 1 } else { tasks.div_ceil(batch).min(windows) };
            return Self { items: wanted.min(most), parts };
        }
        let for_tasks = tasks.div_ceil(batch);
        Self { items: 1, parts: of_item.div_ceil(ELEMENTS).max(for_tasks).min(windows) }
    }

    /// For one task that uses each band as depth: deep enough, as far as a copy of the inputs stays small.
    pub fn deep(convolution: &Convolution) -> Self {
        let shallow = Self::new(convolution, 1);
        let [(_, rows), (_, columns), (_, last)] = convolution.region;
        let copy = (rows * columns * last * convolution.channels).max(1);
        let wanted = DEEP.div_ceil(convolution.positions()).min(4 * ELEMENTS / copy);
        if shallow.parts > 1 { shallow } else { Self { items: shallow.items.max(wanted), ..shallow } }
    }

    pub fn len(self, convolution: &Convolution) -> usize {
        convolution.batch.div_ceil(self.items) * self.parts
    }

    pub fn get(self, convolution: &Convolution, index: usize) -> Band {
        let (item, part) = (index / self.parts * self.items, index % self.parts);
        let windows = convolution.counts[0];
        Band {
            items: item..(item + self.items).min(convolution.batch),
            windows: windows * part / self.parts..windows * (part + 1) / self.parts,
        }
    }
}

/// What the windows of a band are read from: the input itself, or a copy with padding.
#[derive(Clone, Copy)]
pub(super) struct Place {
    first: *const f32,
    /// From one input of the band to the next.
    of_item: usize,
    /// The place along the first dimension that comes first.
    start: isize,
}

impl Band {
    /// Where the windows are read from; with `zeros` between dilated elements, they are there in a copy.
    pub fn place(&self, convolution: &Convolution, input: &[f32], buffer: &mut Buffer) -> Place {
        let item: usize =
            convolution.axes.iter().map(|axis| axis.size).product::<usize>() * convolution.channels;
        if convolution.inside {
            return Place { first: input[self.items.start * item..].as_ptr(), of_item: item, start: 0 };
        }
        let [stride, ..] = convolution.strides();
        let (start, rows) = convolution.axes[0].places(self.windows.clone());
        let of_item = rows * stride;
        let copy = buffer.at_least(of_item * self.items.len());
        if of_item > 0 {
            for (copy, index) in copy.chunks_exact_mut(of_item).zip(self.items.clone()) {
                copy_padded(convolution, &input[index * item..][..item], start, copy);
            }
        }
        Place { first: copy.as_ptr(), of_item, start }
    }

    /// The windows of a phase that are in the band, along the first dimension.
    pub fn of_phase(&self, phase: &Phase) -> Range<usize> {
        let axis = &phase.axes[0];
        let index = |window: usize| window.saturating_sub(axis.first).div_ceil(axis.step).min(axis.count);
        index(self.windows.start)..index(self.windows.end)
    }

    /// For each window of a phase in the band, where it is read from and the index of its result, in order.
    pub fn each_window(
        &self,
        convolution: &Convolution,
        phase: &Phase,
        place: &Place,
        mut each: impl FnMut(*const f32, usize),
    ) {
        let [a, b, c] = phase.axes;
        let [_, rows, columns] = convolution.counts;
        let strides = convolution.strides().map(|stride| stride as isize);
        let [_, (row, _), (column, _)] = convolution.region;
        for (index, item) in self.items.clone().enumerate() {
            for i in self.of_phase(phase) {
                let at = (a.origin + i as isize * a.stride - place.start) * strides[0]
                    + (index * place.of_item) as isize;
                let to = (item * convolution.counts[0] + a.first + i * a.step) * rows;
                for j in 0..b.count {
                    let at = at + (b.origin + j as isize * b.stride - row) * strides[1];
                    let mut from = place.first.wrapping_offset(at + (c.origin - column) * strides[2]);
                    let mut to = (to + b.first + j * b.step) * columns + c.first;
                    for _ in 0..c.count {
                        each(from, to);
                        from = from.wrapping_offset(c.stride * strides[2]);
                        to += c.step;
                    }
                }
            }
        }
    }
}

impl Place {
    /// A place for windows that are not read.
    pub fn nowhere() -> Self {
        Self { first: std::ptr::null(), of_item: 0, start: 0 }
    }

    /// What windows are counted from.
    pub fn first(&self) -> *const f32 {
        self.first
    }
}

/// Copies the region of one input, with zeros around it.
fn copy_padded(convolution: &Convolution, input: &[f32], start: isize, copy: &mut [f32]) {
    let channels = convolution.channels;
    let [first, second, third] = convolution.axes.map(|axis| axis.size);
    let [_, (row, rows), (column, columns)] = convolution.region;
    // What there is of a row: `from` elements are left out, `before` are zeros.
    let before = (-column).clamp(0, columns as isize) as usize;
    let from = column.clamp(0, third as isize) as usize;
    let there = (third - from).min(columns - before);
    let (before, from, there) = (before * channels, from * channels, there * channels);
    for (index, copy) in copy.chunks_exact_mut(columns * channels).enumerate() {
        let (i, j) = (start + (index / rows) as isize, row + (index % rows) as isize);
        if (0..first as isize).contains(&i) && (0..second as isize).contains(&j) {
            let line = &input[(i as usize * second + j as usize) * third * channels..][..third * channels];
            copy[..before].fill(0.0);
            copy[before..before + there].copy_from_slice(&line[from..from + there]);
            copy[before + there..].fill(0.0);
        } else {
            copy.fill(0.0);
        }
    }
}
