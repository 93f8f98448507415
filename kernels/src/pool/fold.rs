//! The elements of each window put together.

use rten_simd::{Isa, SimdOp};

use super::extreme::Extreme;
use super::window::Line;
use super::{Mean, Pool};
use crate::gemm::Unfit;

/// Channels that are worked on at a time.
const TOGETHER: usize = 16;

/// Folds the elements of the windows of a line.
struct Fold<'a, A, T, F, G> {
    line: Line<'a>,
    out: &'a mut [T],
    start: A,
    /// Of what there is, an element, and its index in the window.
    step: F,
    finish: G,
}

impl<A: Copy, T: Copy, F: Fn(A, f32, u32) -> A, G: Fn(A, usize) -> T> SimdOp for Fold<'_, A, T, F, G> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, _: I) {
        let out = std::mem::take(&mut self.out);
        let Line { input, channels, .. } = self.line;
        for (window, out) in out.chunks_exact_mut(channels).enumerate() {
            let third = self.line.window(window);
            let elements = self.line.elements(third);
            let (chunks, rest) = out.as_chunks_mut::<TOGETHER>();
            for (index, out) in chunks.iter_mut().enumerate() {
                let mut sums = [self.start; TOGETHER];
                self.line.each(
                    third,
                    #[inline(always)]
                    |place, tap| {
                        if let Some(elements) = input[place + index * TOGETHER..].first_chunk::<TOGETHER>() {
                            for (sum, &element) in sums.iter_mut().zip(elements) {
                                *sum = (self.step)(*sum, element, tap);
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
                self.line.each(
                    third,
                    #[inline(always)]
                    |place, tap| {
                        for (sum, &element) in sums.iter_mut().zip(&input[place + from..][..rest.len()]) {
                            *sum = (self.step)(*sum, element, tap);
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
        step: impl Fn(A, f32, u32) -> A + Copy + Sync,
        finish: impl Fn(A, usize) -> T + Copy + Sync,
    ) -> Result<(), Unfit> {
        self.check(input.len(), out.len())?;
        self.each_line(out, &|item, spans, out| {
            crate::simd::run(Fold { line: self.line(input, item, spans), out, start, step, finish });
        });
        Ok(())
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
