//! The elements of each window put together.

use rten_simd::{Isa, SimdOp};

use super::window::Span;
use super::{Mean, Pool};
use crate::gemm::Unfit;

/// Which element of a window is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extreme {
    /// The greatest.
    Greatest,
    /// The least.
    Least,
}

/// Channels that are worked on at a time.
const TOGETHER: usize = 16;

/// Folds the elements of the windows of a line.
struct Line<'a, A, T, F, G> {
    input: &'a [f32],
    /// What the line spans along the first two dimensions, and each of its windows along the last.
    spans: [Span; 2],
    of_window: &'a dyn Fn(usize) -> Span,
    /// The size of the last two dimensions of the input.
    sizes: [usize; 2],
    kernel: [usize; 2],
    channels: usize,
    out: &'a mut [T],
    start: A,
    /// The fold, of what there is, an element, and its index in the window.
    fold: F,
    finish: G,
}

impl<A, T, F, G> Line<'_, A, T, F, G> {
    /// Calls `run` with the place of each element of a window, without its channels, and its index in the window.
    #[inline(always)]
    fn each(&self, third: Span, mut run: impl FnMut(usize, u32)) {
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

impl<A: Copy, T: Copy, F: Fn(A, f32, u32) -> A, G: Fn(A, usize) -> T> SimdOp for Line<'_, A, T, F, G> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, _: I) {
        let [first, second] = self.spans;
        let out = std::mem::take(&mut self.out);
        for (window, out) in out.chunks_exact_mut(self.channels).enumerate() {
            let third = (self.of_window)(window);
            let elements = first.count * second.count * third.count;
            let (chunks, rest) = out.as_chunks_mut::<TOGETHER>();
            for (index, out) in chunks.iter_mut().enumerate() {
                let mut sums = [self.start; TOGETHER];
                self.each(
                    third,
                    #[inline(always)]
                    |place, tap| {
                        if let Some(elements) =
                            self.input[place + index * TOGETHER..].first_chunk::<TOGETHER>()
                        {
                            for (sum, &element) in sums.iter_mut().zip(elements) {
                                *sum = (self.fold)(*sum, element, tap);
                            }
                        }
                    },
                );
                for (out, &sum) in out.iter_mut().zip(&sums) {
                    *out = (self.finish)(sum, elements);
                }
            }
            if !rest.is_empty() {
                let mut sums = [self.start; TOGETHER];
                let from = chunks.len() * TOGETHER;
                self.each(
                    third,
                    #[inline(always)]
                    |place, tap| {
                        for (sum, &element) in sums.iter_mut().zip(&self.input[place + from..][..rest.len()])
                        {
                            *sum = (self.fold)(*sum, element, tap);
                        }
                    },
                );
                for (out, &sum) in rest.iter_mut().zip(&sums) {
                    *out = (self.finish)(sum, elements);
                }
            }
        }
    }
}

/// Integers in the order of numbers, -0 before 0, and the greatest for NaN.
#[inline(always)]
fn rank(x: f32) -> i32 {
    let bits = x.to_bits() as i32;
    if x.is_nan() { i32::MAX } else { bits ^ ((bits >> 31) & i32::MAX) }
}

/// The number of a rank.
#[inline(always)]
fn number(rank: i32) -> f32 {
    if rank == i32::MAX { f32::NAN } else { f32::from_bits((rank ^ ((rank >> 31) & i32::MAX)) as u32) }
}

/// Ordered by rank, and then the other way round by index; both zeros have the same.
#[inline(always)]
fn ranked(x: f32, tap: u32) -> i64 {
    (i64::from(rank(x + 0.0)) << 32) | i64::from(!tap)
}

impl Pool {
    fn folded<A: Copy + Sync, T: Copy + Send>(
        &self,
        input: &[f32],
        out: &mut [T],
        start: A,
        fold: impl Fn(A, f32, u32) -> A + Copy + Sync,
        finish: impl Fn(A, usize) -> T + Copy + Sync,
    ) -> Result<(), Unfit> {
        self.check(input.len(), out.len())?;
        let [a, b, c] = &self.axes;
        let of_item = a.axis.size * b.axis.size * c.axis.size * self.channels;
        self.each_line(out, &|item, spans, out| {
            crate::simd::run(Line {
                input: &input[item * of_item..][..of_item],
                spans,
                of_window: &|window| c.span(window),
                sizes: [b.axis.size, c.axis.size],
                kernel: [b.axis.kernel, c.axis.kernel],
                channels: self.channels,
                out,
                start,
                fold,
                finish,
            });
        });
        Ok(())
    }

    /// The greatest or least element of each window; infinite for a window of padding only.
    ///
    /// # Errors
    /// If the input or the result have other sizes than the windows.
    pub fn write_extreme(&self, which: Extreme, input: &[f32], out: &mut [f32]) -> Result<(), Unfit> {
        let start = rank(f32::NEG_INFINITY);
        match which {
            Extreme::Greatest => {
                self.folded(input, out, start, |best: i32, x, _| best.max(rank(x)), |best, _| number(best))
            }
            Extreme::Least => {
                let finish = |best, _| if best == i32::MAX { f32::NAN } else { -number(best) };
                self.folded(input, out, start, |best: i32, x, _| best.max(rank(-x)), finish)
            }
        }
    }

    /// Which element of each window is the greatest or least: its index in the window, in row-major order; the first of equal
    /// ones, the first NaN if there is one; `u32::MAX` for a window of padding only.
    ///
    /// # Errors
    /// If the input or the result have other sizes than the windows.
    pub fn write_position(&self, which: Extreme, input: &[f32], out: &mut [u32]) -> Result<(), Unfit> {
        // Less than any element, and none.
        let (start, finish) = (i64::MIN, |best: i64, _| !(best as u32));
        match which {
            Extreme::Greatest => {
                self.folded(input, out, start, |best: i64, x, tap| best.max(ranked(x, tap)), finish)
            }
            Extreme::Least => {
                self.folded(input, out, start, |best: i64, x, tap| best.max(ranked(-x, tap)), finish)
            }
        }
    }

    /// The sum of each window.
    ///
    /// # Errors
    /// If the input or the result have other sizes than the windows.
    pub fn write_sum(&self, input: &[f32], out: &mut [f32]) -> Result<(), Unfit> {
        self.folded(input, out, 0.0_f64, |sum, x, _| sum + f64::from(x), |sum, _| sum as f32)
    }

    /// The mean of each window: its sum, rounded, divided by the number of elements.
    ///
    /// # Errors
    /// If the input or the result have other sizes than the windows.
    pub fn write_mean(&self, mean: Mean, input: &[f32], out: &mut [f32]) -> Result<(), Unfit> {
        let size = self.window_size() as f32;
        let finish = move |sum: f64, elements: usize| {
            sum as f32 / if mean == Mean::Size { size } else { elements as f32 }
        };
        self.folded(input, out, 0.0_f64, |sum, x, _| sum + f64::from(x), finish)
    }
}
