//! Products whose results are used up block by block, and are never whole in memory.

#![expect(unsafe_code)]

use std::ops::Range;

use super::area::{Area, ROWS, RightAt, block_of};
use super::operands::Unfit;
use super::product::Product;
use super::split::{ALONE, Split, TASK};
use super::tile::{lanes, most_rows};
use crate::buffer::{Buffer, thread_buffer};
use crate::threads::{parallel, threads};

/// The most elements of the right operand that are packed for blocks. All of left is read again for each further part of right, which
/// takes longer than to read right again, block by block, from memory.
const RIGHT: usize = 1 << 22;
/// The most columns of a block.
const COLUMNS: usize = 1024;
/// The most elements of a block whose sums go on from one block of depth to the next: it stays in the second cache meanwhile.
const SUMS: usize = 1 << 17;
/// So many such blocks are computed by each thread at most: each packs operands that others pack too.
const DEEP: usize = 4;

thread_buffer!(with_panels);
thread_buffer!(with_block);

/// A block of a result, in memory that the next one uses again.
#[derive(Debug)]
pub struct Part<'a> {
    /// Which product of the batch.
    pub batch: usize,
    /// Which rows of it.
    pub rows: Range<usize>,
    /// Which columns of these rows.
    pub columns: Range<usize>,
    /// The elements, row by row, without gaps.
    pub data: &'a mut [f32],
}

impl Product<'_> {
    /// Computes the products in blocks, and calls `consume` once for each, from several threads at once. The result has no other memory.
    ///
    /// ```
    /// use std::sync::Mutex;
    /// use holotype_kernels::gemm::{Matrix, Product, Right};
    /// let (left, right) = ([1.0, 2.0, 3.0, 4.0], [10.0, 20.0]);
    /// let sum = Mutex::new(0.0);
    /// let product = Product::new([2, 2, 1], Matrix::new(&left, 2), Right::Plain(Matrix::new(&right, 1)));
    /// product.in_blocks(&|part| *sum.lock().unwrap() += part.data.iter().sum::<f32>())?;
    /// assert_eq!(*sum.lock().unwrap(), 160.0);
    /// # Ok::<(), holotype_kernels::gemm::Unfit>(())
    /// ```
    ///
    /// # Errors
    /// If operands have fewer elements than the sizes and strides say.
    pub fn in_blocks(&self, consume: &(dyn Fn(Part<'_>) + Sync)) -> Result<(), Unfit> {
        self.check_left()?;
        self.check_right()?;
        let [batch, rows, columns] = self.sizes();
        if batch == 0 || rows == 0 || columns == 0 {
            return Ok(());
        }
        let steps = [most_rows(lanes()), 2 * lanes()];
        let is_small = rows.saturating_mul(columns) <= DEEP * SUMS * threads();
        let is_deep = is_small && self.depth > block_of(self.depth);
        let [down, across] = if is_deep { self.deep_parts(steps) } else { self.flat_parts(steps) };
        let compute = |task: usize| {
            let (index, task) = (task / (across * down), task % (across * down));
            let columns = Split::part(columns, across, task / down, steps[1]);
            let rows = Split::part(rows, down, task % down, steps[0]);
            if rows.is_empty() || columns.is_empty() {
                return;
            }
            // SAFETY: the operands hold what the sizes and strides lead to.
            with_block(|block| unsafe {
                if is_deep {
                    self.deep_part(index, rows, columns, block, consume);
                } else {
                    self.part(index, rows, columns, block, consume);
                }
            });
        };
        if threads() == 1 || down * across * batch == 1 {
            (0..batch * across * down).for_each(compute);
        } else {
            parallel(batch * across * down, &compute);
        }
        Ok(())
    }

    /// How many parts rows and columns are cut into where blocks are computed one after the other: as few as keep panels of right in a
    /// cache and give all threads work.
    fn flat_parts(&self, steps: [usize; 2]) -> [usize; 2] {
        let [batch, rows, columns] = self.sizes();
        let most = (RIGHT / self.depth.max(1)).clamp(steps[1], COLUMNS.max(steps[1])) / steps[1] * steps[1];
        let across = columns.div_ceil(most);
        let down = self.tasks(4).div_ceil(batch * across).clamp(1, rows.div_ceil(steps[0]));
        [down, across]
    }

    /// The same where each block of depth is packed for all of a part: sums stay in a cache, and parts are to have about as many rows
    /// as columns.
    fn deep_parts(&self, steps: [usize; 2]) -> [usize; 2] {
        let [batch, rows, columns] = self.sizes();
        let tasks = self.tasks(2).div_ceil(batch);
        let least = rows.saturating_mul(columns).div_ceil(SUMS);
        Split::cut([rows, columns], steps, |parts| parts >= tasks.max(least))
    }

    /// How many tasks there are to be at least: some for each thread.
    fn tasks(&self, of_thread: usize) -> usize {
        let work = self.sizes().iter().fold(self.depth, |work, &size| work.saturating_mul(size));
        if threads() == 1 || work < ALONE { 1 } else { (work / TASK).min(of_thread * threads()) }
    }

    /// Computes a part block of depth after block of depth.
    ///
    /// # Safety
    ///
    /// The operands hold the rows and columns of this product.
    unsafe fn deep_part(
        &self,
        index: usize,
        rows: Range<usize>,
        columns: Range<usize>,
        block: &mut Buffer,
        consume: &(dyn Fn(Part<'_>) + Sync),
    ) {
        let count = columns.len();
        let out = block.at_least(rows.len() * count).as_mut_ptr();
        let area = Area { out, fresh: true, ..self.area(index, rows.clone(), columns.clone()) };
        let mut finished = |done: Range<usize>| {
            // SAFETY: the block has these rows, and nothing else uses them from now on.
            let data =
                unsafe { std::slice::from_raw_parts_mut(out.add(done.start * count), done.len() * count) };
            let rows = rows.start + done.start..rows.start + done.end;
            consume(Part { batch: index, rows, columns: columns.clone(), data });
        };
        // SAFETY: the word of the caller, and the block has as many elements.
        unsafe { area.compute(&mut finished) };
    }

    /// # Safety
    ///
    /// The operands hold the rows and columns of this product.
    unsafe fn part(
        &self,
        index: usize,
        rows: Range<usize>,
        columns: Range<usize>,
        block: &mut Buffer,
        consume: &(dyn Fn(Part<'_>) + Sync),
    ) {
        let count = columns.len();
        let base = self.area(index, rows.clone(), columns.clone());
        let mut run = |right: RightAt| {
            for start in rows.clone().step_by(ROWS) {
                let own = start..rows.end.min(start + ROWS);
                let data = &mut block.at_least(own.len() * count)[..own.len() * count];
                let area = Area {
                    left: base.left.wrapping_add((start - rows.start) * base.left_row),
                    right,
                    out: data.as_mut_ptr(),
                    out_row: count,
                    rows: own.len(),
                    fresh: true,
                    ..base
                };
                // SAFETY: the word of the caller, and the block has as many elements.
                unsafe { area.compute(&mut |_| ()) };
                consume(Part { batch: index, rows: own, columns: columns.clone(), data });
            }
        };
        match base.right {
            // Packing is worth it if the panels are used again.
            RightAt::Plain { .. } if rows.len() > ROWS => with_panels(|panels| {
                let padded = count.next_multiple_of(2 * lanes());
                let panels = panels.at_least(padded * base.depth);
                // SAFETY: the word of the caller.
                unsafe { base.pack(panels) };
                run(RightAt::Panels { first: panels.as_ptr(), padded, column: 0 });
            }),
            right => run(right),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::gemm::{Matrix, Output, PackedRight, Right};
    use crate::numbers::Numbers;

    /// The blocks cover the result once, and hold the bits that [`Product::write`] gives.
    #[track_caller]
    fn check([batch, rows, depth, columns]: [usize; 4], turned: [bool; 2], packed: bool) {
        let mut numbers = Numbers::new();
        let (left, right) = (numbers.floats(batch * rows * depth), numbers.floats(batch * depth * columns));
        let matrix = |data, rows, columns, turned| {
            if turned { Matrix::new(data, rows).transposed() } else { Matrix::new(data, columns) }
        };
        let a = matrix(&left, rows, depth, turned[0]).batched(rows * depth);
        let b = matrix(&right, depth, columns, turned[1]).batched(depth * columns);
        let panels = PackedRight::of_batch(b, batch, depth, columns).unwrap();
        let right = if packed { Right::Packed(&panels) } else { Right::Plain(b) };
        let product = Product::new([rows, depth, columns], a, right).batch(batch);
        let mut expected = vec![0.0_f32; batch * rows * columns];
        product.write(Output::new(&mut expected, rows, columns)).unwrap();
        let found = Mutex::new(vec![f32::NAN; expected.len()]);
        product
            .in_blocks(&|part| {
                let mut found = found.lock().unwrap();
                for (row, data) in part.rows.clone().zip(part.data.chunks_exact(part.columns.len())) {
                    let at = (part.batch * rows + row) * columns + part.columns.start;
                    assert!(found[at..][..data.len()].iter().all(|element| element.is_nan()), "twice");
                    found[at..][..data.len()].copy_from_slice(data);
                }
            })
            .unwrap();
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&found.into_inner().unwrap()), bits(&expected));
    }

    #[test]
    fn blocks_hold_the_bits_of_the_whole() {
        for sizes in [
            [1, 1, 1, 1],
            [1, 300, 5, 1100],
            [2, 150, 300, 33],
            [3, 13, 40, 70],
            [1, 290, 600, 500],
            [1, 1030, 330, 520],
            [1, 530, 4200, 40],
            [1, 7, 0, 3],
        ] {
            for turned in [[false, false], [true, false], [false, true], [true, true]] {
                for packed in [false, true] {
                    check(sizes, turned, packed);
                }
            }
        }
    }

    #[test]
    fn nothing_is_handed_out_of_an_empty_result() {
        let product = Product::new([0, 3, 4], Matrix::new(&[], 3), Right::Plain(Matrix::new(&[0.0; 12], 4)));
        product.in_blocks(&|_| panic!("there are no rows")).unwrap();
        let short =
            Product::new([2, 3, 4], Matrix::new(&[0.0; 5], 3), Right::Plain(Matrix::new(&[0.0; 12], 4)));
        assert!(short.in_blocks(&|_| ()).is_err());
    }
}
