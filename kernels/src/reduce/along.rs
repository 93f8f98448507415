//! Reduction of whole tensors along one dimension.

use std::marker::PhantomData;
use std::sync::Mutex;

use rten_simd::{Isa, SimdOp};

use super::columns::{WIDTH, columns};
use super::row::{PART, part};
use super::{Fold, rows, run};
use crate::copy::chunks;
use crate::fused::Mismatch;
use crate::threads;

/// The bytes from which on a second thread pays.
const WORTH: usize = 1 << 18;

/// Reduces a contiguous tensor of sizes `[outer, length, inner]` along `length` to one of sizes `[outer, inner]`.
///
/// Where `inner` is 1 elements are taken in as a [`RowReducer`](super::RowReducer) does; otherwise one after the other. Of no elements it
/// gives what `F::START` does.
///
/// ```
/// use holotype_kernels::reduce::{Sum, along};
/// let x = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let mut sums = [0.0_f32; 2];
/// along::<Sum<f32>>(bytemuck::cast_slice(&x), bytemuck::cast_slice_mut(&mut sums), [1, 3, 2])?;
/// assert_eq!(sums, [9.0, 12.0]);
/// # Ok::<(), holotype_kernels::fused::Mismatch>(())
/// ```
pub fn along<F: Fold>(input: &[u8], output: &mut [u8], sizes: [usize; 3]) -> Result<(), Mismatch> {
    let [outer, length, inner] = sizes;
    let size = size_of::<F::Element>().max(1);
    let product = |sizes: &[usize]| sizes.iter().fold(size, |bytes, &size| bytes.saturating_mul(size));
    let expected = product(&[outer, inner]);
    if output.len() != expected {
        return Err(Mismatch::Output { index: 0, expected, found: output.len() });
    }
    let expected = if outer == 0 || inner == 0 { 0 } else { product(&sizes) };
    if input.len() < expected {
        return Err(Mismatch::Input { index: 0, expected, found: input.len() });
    }
    if output.is_empty() {
        return Ok(());
    }
    let fold = Steps {
        size,
        rows: rows::rows::<F>,
        columns: columns::<F>,
        long: if const { F::WIDE } { Some(long::<F>) } else { None },
    };
    let threads = if expected < WORTH { 1 } else { threads::threads() };
    if inner == 1 {
        fold.rows(input, output, length, threads);
    } else {
        fold.planes(input, output, length, inner, threads);
    }
    Ok(())
}

type Long = fn(&[u8], &mut [u8], usize);

/// The parts of a fold that are compiled for it.
struct Steps {
    /// The size of an element in bytes.
    size: usize,
    /// Reduces rows of so many elements.
    rows: fn(&mut [u8], &[u8], usize),
    /// Reduces columns of a matrix of so many rows that lie so far apart.
    columns: fn(&mut [u8], &[u8], usize, usize),
    /// Reduces one long row on several threads, if it is made for that.
    long: Option<Long>,
}

impl Steps {
    /// Reduces rows: several at a time on each thread, or a few long ones by their parts.
    fn rows(&self, input: &[u8], output: &mut [u8], length: usize, threads: usize) {
        let size = self.size;
        let count = output.len() / size;
        if threads > 1
            && count < 2 * threads
            && length > PART
            && let Some(long) = self.long
        {
            for (row, result) in output.chunks_exact_mut(size).enumerate() {
                let start = row * length * size;
                long(input.get(start..start + length * size).unwrap_or_default(), result, length);
            }
            return;
        }
        let each = count.div_ceil(4 * threads);
        chunks::for_each(output, each * size, threads > 1, &|index, result| {
            let start = (index * each * length * size).min(input.len());
            (self.rows)(result, &input[start..], length);
        });
    }

    /// Reduces columns, in groups that keep all threads busy.
    fn planes(&self, input: &[u8], output: &mut [u8], length: usize, inner: usize, threads: usize) {
        let size = self.size;
        let outer = output.len() / size / inner;
        let groups = (4 * threads).div_ceil(outer);
        let width = if threads == 1 { WIDTH } else { inner.div_ceil(groups).next_multiple_of(16).min(WIDTH) };
        let plane = |index: usize, result: &mut [u8], parallel: bool| {
            let start = index * length * inner * size;
            chunks::for_each(result, width * size, parallel, &|group, result| {
                let operand = input.get(start + group * width * size..).unwrap_or_default();
                (self.columns)(result, operand, length, inner);
            });
        };
        if outer >= 2 * threads || width >= inner {
            chunks::for_each(output, inner * size, threads > 1, &|index, result| plane(index, result, false));
        } else {
            for (index, result) in output.chunks_exact_mut(inner * size).enumerate() {
                plane(index, result, threads > 1);
            }
        }
    }
}

/// How many parts of a row are reduced between merges.
const PARTS: usize = 64;

/// Reduces one long row on several threads, in the order of one.
fn long<F: Fold>(input: &[u8], result: &mut [u8], length: usize) {
    let states: [_; PARTS] = std::array::from_fn(|_| Mutex::new(F::START));
    let mut total: Option<F::State> = None;
    let parts = length.div_ceil(PART);
    for first in (0..parts).step_by(PARTS) {
        let count = (parts - first).min(PARTS);
        threads::parallel(count, &|index| {
            let from = (first + index) * PART;
            let state =
                run::<F, _>(Part::<F> { input, from, to: length.min(from + PART), fold: PhantomData });
            *states[index].lock().unwrap_or_else(std::sync::PoisonError::into_inner) = state;
        });
        for state in &states[..count] {
            let state = *state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            total = Some(total.map_or(state, |total| F::merge(total, state)));
        }
    }
    crate::element::block::set(result, 0, F::finish(total.unwrap_or(F::START)));
}

struct Part<'a, F> {
    input: &'a [u8],
    from: usize,
    to: usize,
    fold: PhantomData<F>,
}

impl<F: Fold> SimdOp for Part<'_, F> {
    type Output = F::State;

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) -> F::State {
        part::<F>(self.input, self.from, self.to)
    }
}
