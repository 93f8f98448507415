//! Gradients: for each element of the input, what the windows that have it give.

use std::cell::Cell;

use rten_simd::{Isa, SimdOp};

use super::window::Along;
use super::{Extreme, Mean, Pool};
use crate::gemm::Unfit;
use crate::threads::parallel_chunks;

/// Channels that are worked on at a time.
const TOGETHER: usize = 16;

/// A window that has an element of the input: where its channels begin, which element of the window it is, and the number
/// that its gradient is divided by.
type Seen = (usize, u32, f32);

/// The channels of one element of the input.
struct Element<'a> {
    windows: &'a [Seen],
    gradient: &'a [f32],
    /// Which element of each window is meant, if it is one.
    positions: Option<&'a [u32]>,
    out: &'a mut [f32],
}

impl SimdOp for Element<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let (chunks, rest) = self.out.as_chunks_mut::<TOGETHER>();
        let from = chunks.len() * TOGETHER;
        for (index, out) in chunks.iter_mut().enumerate() {
            let mut sums = [0.0_f64; TOGETHER];
            for &(window, tap, by) in self.windows {
                let at = window + index * TOGETHER;
                add(
                    &mut sums,
                    &self.gradient[at..][..TOGETHER],
                    self.positions.map(|p| &p[at..][..TOGETHER]),
                    tap,
                    by,
                );
            }
            for (out, &sum) in out.iter_mut().zip(&sums) {
                *out = sum as f32;
            }
        }
        if !rest.is_empty() {
            let mut sums = [0.0_f64; TOGETHER];
            for &(window, tap, by) in self.windows {
                let (at, n) = (window + from, rest.len());
                add(&mut sums, &self.gradient[at..][..n], self.positions.map(|p| &p[at..][..n]), tap, by);
            }
            for (out, &sum) in rest.iter_mut().zip(&sums) {
                *out = sum as f32;
            }
        }
    }
}

#[inline(always)]
fn add(sums: &mut [f64; TOGETHER], gradient: &[f32], positions: Option<&[u32]>, tap: u32, by: f32) {
    match positions {
        Some(positions) => {
            for ((sum, &number), &position) in sums.iter_mut().zip(gradient).zip(positions) {
                *sum += if position == tap { f64::from(number) } else { 0.0 };
            }
        }
        None => {
            for (sum, &number) in sums.iter_mut().zip(gradient) {
                *sum += f64::from(number / by);
            }
        }
    }
}

impl Pool {
    fn gathered(
        &self,
        gradient: &[f32],
        positions: Option<&[u32]>,
        mean: Option<Mean>,
        out: &mut [f32],
    ) -> Result<(), Unfit> {
        self.check(out.len(), gradient.len())?;
        let [a, b, c] = &self.axes;
        let channels = self.channels;
        let length = c.axis.size * channels;
        if out.is_empty() {
            return Ok(());
        }
        // Of the number by which the sum of a window is divided, what one dimension gives.
        let divisor = |axis: &Along, window: usize| match mean {
            None => 1.0,
            Some(Mean::Size) => axis.axis.kernel as f32,
            Some(Mean::Elements) => axis.span(window).count as f32,
        };
        let lines = Self::lines(out.len() / length, length, 2);
        parallel_chunks(out, lines * length, &|index, chunk| {
            WINDOWS.with(|kept| {
                let (mut lines_of, mut windows) = kept.take();
                for (line, chunk) in chunk.chunks_exact_mut(length).enumerate() {
                    let line = index * lines + line;
                    let (item, first) = (line / b.axis.size / a.axis.size, line / b.axis.size % a.axis.size);
                    lines_of.clear();
                    for (i, x) in a.windows_of(first) {
                        for (j, y) in b.windows_of(line % b.axis.size) {
                            let window = ((item * a.count + i) * b.count + j) * c.count;
                            let tap = (x * b.axis.kernel + y) * c.axis.kernel;
                            lines_of.push((window, tap as u32, divisor(a, i) * divisor(b, j)));
                        }
                    }
                    for (third, out) in chunk.chunks_exact_mut(channels).enumerate() {
                        windows.clear();
                        for &(line, tap, by) in &lines_of {
                            for (k, z) in c.windows_of(third) {
                                windows.push(((line + k) * channels, tap + z as u32, by * divisor(c, k)));
                            }
                        }
                        crate::simd::run(Element { windows: &windows, gradient, positions, out });
                    }
                }
                kept.set((lines_of, windows));
            });
        });
        Ok(())
    }

    /// The gradient of the greatest or least elements with respect to the input, from [`Pool::write_position`]'s indices: for each
    /// element the sum of the gradients of the windows of which it is the one, in order.
    ///
    /// # Errors
    /// If a slice has other sizes than the windows.
    pub fn write_position_gradient(
        &self,
        positions: &[u32],
        gradient: &[f32],
        out: &mut [f32],
    ) -> Result<(), Unfit> {
        self.check(out.len(), positions.len())?;
        self.gathered(gradient, Some(positions), None, out)
    }

    /// The same from the input itself.
    ///
    /// # Errors
    /// If a slice has other sizes than the windows.
    pub fn write_extreme_gradient(
        &self,
        which: Extreme,
        input: &[f32],
        gradient: &[f32],
        out: &mut [f32],
    ) -> Result<(), Unfit> {
        self.check(input.len(), gradient.len())?;
        self.check(out.len(), gradient.len())?;
        if self.is_disjoint() {
            self.write_disjoint(which, input, gradient, out);
            return Ok(());
        }
        POSITIONS.with(|kept| {
            let mut positions = kept.take();
            if positions.len() < gradient.len() {
                positions.resize(gradient.len(), 0);
            }
            let of_all = &mut positions[..gradient.len()];
            let result = self
                .write_position(which, input, of_all)
                .and_then(|()| self.write_position_gradient(of_all, gradient, out));
            kept.set(positions);
            result
        })
    }

    /// The gradient of sums with respect to the input.
    ///
    /// # Errors
    /// If a slice has other sizes than the windows.
    pub fn write_sum_gradient(&self, gradient: &[f32], out: &mut [f32]) -> Result<(), Unfit> {
        self.gathered(gradient, None, None, out)
    }

    /// The gradient of means with respect to the input: each gradient is divided and rounded before it is added.
    ///
    /// # Errors
    /// If a slice has other sizes than the windows.
    pub fn write_mean_gradient(&self, mean: Mean, gradient: &[f32], out: &mut [f32]) -> Result<(), Unfit> {
        self.gathered(gradient, None, Some(mean), out)
    }
}

thread_local! {
    static WINDOWS: Cell<(Vec<Seen>, Vec<Seen>)> = const { Cell::new((Vec::new(), Vec::new())) };
    static POSITIONS: Cell<Vec<u32>> = const { Cell::new(Vec::new()) };
}
