//! Windows that see a dilated input alike: between its elements there is nothing to multiply.

use super::shape::{Axis, Convolution};
use crate::gemm::area::block_of;
use crate::gemm::tile::Run;

/// Every `step`th window along a dimension: they touch elements of the input with the same elements of the kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PhaseAxis {
    pub first: usize,
    pub step: usize,
    pub count: usize,
    /// The place of the input that the first of them touches first, and from one window to the next.
    pub origin: isize,
    pub stride: isize,
    /// Which elements of the window touch something.
    pub tap: usize,
    pub tap_step: usize,
    pub taps: usize,
    /// From one of those to the next in the input.
    pub dilation: isize,
}

fn divisor(mut a: usize, mut b: usize) -> usize {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

pub(crate) fn along(axis: &Axis, count: usize) -> Vec<PhaseAxis> {
    let (dilation, stride, apart) = (axis.input_dilation, axis.stride, axis.kernel_dilation);
    let step = dilation / divisor(dilation, stride);
    let common = divisor(dilation, apart);
    let tap_step = dilation / common;
    let of_phase = |first: usize| {
        let start = (first * stride) as isize - axis.low;
        let place = |tap: usize| start + (tap * apart) as isize;
        let tap = (0..axis.kernel.min(tap_step)).find(|&tap| place(tap) % dilation as isize == 0);
        PhaseAxis {
            first,
            step,
            count: (count - first).div_ceil(step),
            origin: tap.map_or(0, |tap| place(tap) / dilation as isize),
            stride: (step * stride / dilation) as isize,
            tap: tap.unwrap_or(0),
            tap_step,
            taps: tap.map_or(0, |tap| (axis.kernel - tap).div_ceil(tap_step)),
            dilation: (apart / common) as isize,
        }
    };
    (0..step.min(count)).map(of_phase).collect()
}

/// The windows of one phase along each dimension, and how the depth of their sums lies in the input.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    pub axes: [PhaseAxis; 3],
    /// Blocks of the depth: runs from a window's first element, and how many steps they are together.
    pub blocks: Vec<(Vec<Run>, usize)>,
    pub depth: usize,
    /// How many steps each of the blocks has, but for the last.
    pub block: usize,
}

impl Phase {
    /// The elements of the kernel that touch something, in the order of the depth: the index along each dimension.
    pub fn taps(&self, axes: &[Axis; 3]) -> impl Iterator<Item = [usize; 3]> {
        let index = |axis: usize, tap: usize| {
            let (phase, of) = (&self.axes[axis], &axes[axis]);
            let tap = phase.tap + tap * phase.tap_step;
            if of.reversed { of.kernel - 1 - tap } else { tap }
        };
        let [a, b, c] = [0, 1, 2].map(|axis| self.axes[axis].taps);
        (0..a * b * c).map(move |tap| [index(0, tap / (b * c)), index(1, tap / c % b), index(2, tap % c)])
    }
}

impl Phase {
    /// For each of [`Phase::taps`], where its first channel lies from the first element of a window.
    pub fn starts(&self, convolution: &Convolution) -> impl Iterator<Item = isize> {
        let strides = convolution.strides();
        let [a, b, c] = [0, 1, 2].map(|axis| self.axes[axis].taps);
        let [x, y, z] = [0, 1, 2].map(|axis| self.axes[axis].dilation * strides[axis] as isize);
        (0..a * b * c).map(move |tap| {
            let [i, j, k] = [tap / (b * c), tap / c % b, tap % c].map(|index| index as isize);
            i * x + j * y + k * z
        })
    }
}

pub(super) fn phases(convolution: &Convolution) -> Vec<Phase> {
    let [a, b, c] = [0, 1, 2].map(|index| along(&convolution.axes[index], convolution.counts[index]));
    let mut phases = Vec::new();
    for &a in &a {
        for &b in &b {
            phases.extend(c.iter().map(|&c| phase(convolution, [a, b, c])));
        }
    }
    phases
}

fn phase(convolution: &Convolution, axes: [PhaseAxis; 3]) -> Phase {
    let channels = convolution.channels / convolution.groups;
    let strides = convolution.strides();
    let [a, b, c] = axes;
    // Taps side by side are one run, if all channels between them are meant.
    let together = if convolution.groups == 1 && c.dilation == 1 { c.taps } else { 1 };
    let depth = a.taps * b.taps * c.taps * channels;
    let block = block_of(depth);
    let (mut blocks, mut runs, mut steps) = (Vec::new(), Vec::new(), 0);
    for tap in 0..a.taps * b.taps * (c.taps / together.max(1)) {
        let of_row = c.taps / together;
        let at = [tap / of_row / b.taps, tap / of_row % b.taps, tap % of_row];
        let mut start: isize =
            (0..3).map(|axis| at[axis] as isize * axes[axis].dilation * strides[axis] as isize).sum();
        let mut rest = together * channels;
        while rest > 0 {
            let length = rest.min(block - steps);
            runs.push(Run { start, length });
            (start, rest, steps) = (start + length as isize, rest - length, steps + length);
            if steps == block {
                blocks.push((std::mem::take(&mut runs), steps));
                steps = 0;
            }
        }
    }
    if steps > 0 {
        blocks.push((runs, steps));
    }
    Phase { axes, blocks, depth, block }
}

impl Convolution {
    /// From one place to the next along each spatial dimension, in what windows are read from.
    pub(super) fn strides(&self) -> [usize; 3] {
        let [_, (_, rows), (_, columns)] = self.region;
        [rows * columns * self.channels, columns * self.channels, self.channels]
    }
}
