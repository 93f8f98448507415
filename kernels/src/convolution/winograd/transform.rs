//! From the places of tiles to the space of products, and back to windows.

#![expect(unsafe_code)]

use std::ops::Range;

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use super::super::shape::Convolution;
use super::{ELEMENTS, Tiles};

/// `V = Bᵀ d B` of each channel of each tile.
pub(super) struct Scatter<'a> {
    pub convolution: &'a Convolution,
    pub input: &'a [f32],
    pub tiles: &'a Tiles,
    /// What lies outside of the input.
    pub zeros: &'a [f32],
    /// For each of the 16 elements, the channels of each tile.
    pub places: &'a mut [f32],
    /// From one element to the next.
    pub of_place: usize,
    /// The tiles with an element that is not finite.
    pub wild: &'a mut Vec<[usize; 3]>,
}

impl SimdOp for Scatter<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let lanes = ops.len();
        let channels = self.convolution.channels;
        let [_, below, beside] = self.convolution.axes;
        assert!(self.places.len() >= (ELEMENTS - 1) * self.of_place + self.tiles.len() * channels);
        assert!(self.zeros.len() >= channels && channels.is_multiple_of(lanes));
        let zero = ops.zero();
        for (index, [item, row, column]) in self.tiles.each().enumerate() {
            let place = |of: [usize; 2]| {
                let i = (2 * row + of[0]).checked_add_signed(-below.low).filter(|&i| i < below.size);
                let j = (2 * column + of[1]).checked_add_signed(-beside.low).filter(|&j| j < beside.size);
                match i.zip(j) {
                    Some((i, j)) => self.input[((item * below.size + i) * beside.size + j) * channels..]
                        [..channels]
                        .as_ptr(),
                    None => self.zeros.as_ptr(),
                }
            };
            let from: [[*const f32; 4]; 4] = std::array::from_fn(|i| std::array::from_fn(|j| place([i, j])));
            let to = self.places[index * channels..].as_mut_ptr();
            let mut wild = zero;
            for channel in (0..channels).step_by(lanes) {
                // SAFETY: each pointer leads to so many channels, and so do all elements of the tile.
                unsafe {
                    let mut rows = [[zero; 4]; 4];
                    for j in 0..4 {
                        let load = |from: *const f32| ops.load_ptr(from.add(channel));
                        let [a, b, c, d] =
                            [load(from[0][j]), load(from[1][j]), load(from[2][j]), load(from[3][j])];
                        let column = [ops.sub(a, c), ops.add(b, c), ops.sub(c, b), ops.sub(b, d)];
                        for (row, element) in rows.iter_mut().zip(column) {
                            row[j] = element;
                        }
                    }
                    for (i, [a, b, c, d]) in rows.into_iter().enumerate() {
                        let row = [ops.sub(a, c), ops.add(b, c), ops.sub(c, b), ops.sub(b, d)];
                        for (j, element) in row.into_iter().enumerate() {
                            ops.store_ptr(element, to.add((4 * i + j) * self.of_place + channel));
                            wild = ops.mul_add(element, zero, wild);
                        }
                    }
                }
            }
            if ops.sum(wild) != 0.0 {
                self.wild.push([item, row, column]);
            }
        }
    }
}

/// `Aᵀ M A` of columns of each tile: its windows.
pub(super) struct Gather<'a> {
    pub convolution: &'a Convolution,
    pub tiles: &'a Tiles,
    pub columns: Range<usize>,
    /// For each of the 16 elements, the columns of each tile.
    pub products: &'a [f32],
    /// From one element to the next.
    pub of_product: usize,
    /// The whole result, of which this thread alone writes these columns of these tiles.
    pub out: *mut f32,
}

impl SimdOp for Gather<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(
        clippy::needless_range_loop,
        reason = "loops of constant length over arrays that live in registers"
    )]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let lanes = ops.len();
        let Convolution { features, counts: [_, high, wide], .. } = *self.convolution;
        let across = self.columns.len();
        assert!(self.products.len() >= (ELEMENTS - 1) * self.of_product + self.tiles.len() * across);
        assert!(across.is_multiple_of(lanes));
        let zero = ops.zero();
        for (index, [item, row, column]) in self.tiles.each().enumerate() {
            let from = self.products[index * across..].as_ptr();
            let first = ((item * high + 2 * row) * wide + 2 * column) * features + self.columns.start;
            let (two_rows, two_columns) = (2 * row + 1 < high, 2 * column + 1 < wide);
            for at in (0..across).step_by(lanes) {
                // SAFETY: the products are there, and windows are written if they are windows of the result.
                unsafe {
                    let mut sums = [[zero; 4]; 2];
                    for j in 0..4 {
                        let load = |i: usize| ops.load_ptr(from.add((4 * i + j) * self.of_product + at));
                        let [a, b, c, d] = [load(0), load(1), load(2), load(3)];
                        sums[0][j] = ops.add(ops.add(a, b), c);
                        sums[1][j] = ops.sub(ops.sub(b, c), d);
                    }
                    for (i, [a, b, c, d]) in sums.into_iter().enumerate() {
                        if i == 1 && !two_rows {
                            break;
                        }
                        let to = self.out.add(first + i * wide * features + at);
                        ops.store_ptr(ops.add(ops.add(a, b), c), to);
                        if two_columns {
                            ops.store_ptr(ops.sub(ops.sub(b, c), d), to.add(features));
                        }
                    }
                }
            }
        }
    }
}
