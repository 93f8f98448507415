//! Products whose left operand is another product: each block of its rows is used while it is in a cache.

#![expect(unsafe_code)]

use std::ops::Range;

use super::area::{Area, ROWS_IN_PLACE, RightAt, block_of};
use super::operands::{Output, Unfit};
use super::pack::Source;
use super::product::{Block, Product};
use super::split::Split;
use super::tile::{lanes, most_rows};
use crate::buffer::{Buffer, thread_buffer};
use crate::threads::parallel;

/// About so many elements of the left operand are made before they are used.
const BLOCK: usize = 1 << 14;
/// At least so many rows, since each block reads all of both right operands.
const ROWS: usize = 48;

thread_buffer!(with_first);
thread_buffer!(with_then);
thread_buffer!(with_block);

/// A product whose rows, once they are finished, are the left operand of another one: attention is a product of queries and
/// keys, a softmax that finishes rows, and a product of these with values.
///
/// The bits are those of the two products one after the other.
///
/// ```
/// use holotype_kernels::gemm::{Chain, Matrix, Output, Product, Right};
/// let (x, a, b) = ([1.0, 2.0], [3.0, 4.0], [10.0, 20.0]);
/// let first = Product::new([2, 1, 2], Matrix::new(&x, 1), Right::Plain(Matrix::new(&a, 2)));
/// // What stands as the left operand is not read.
/// let then = Product::new([2, 2, 1], Matrix::new(&[], 2), Right::Plain(Matrix::new(&b, 1)));
/// let mut out = [0.0; 2];
/// Chain::new(first, then).write(None, Output::new(&mut out, 2, 1))?;
/// assert_eq!(out, [110.0, 220.0]);
/// # Ok::<(), holotype_kernels::gemm::Unfit>(())
/// ```
#[derive(Clone, Copy)]
pub struct Chain<'a> {
    pub(crate) first: Product<'a>,
    pub(crate) then: Product<'a>,
}

impl<'a> Chain<'a> {
    /// The product `then` of what `first` gives. There are as many of one as of the other, with the same rows.
    pub fn new(first: Product<'a>, then: Product<'a>) -> Self {
        Self { first, then }
    }

    /// Computes the products. What `first` gives, finished, goes to `between`, if that is given, one matrix behind the other, and
    /// otherwise nowhere.
    ///
    /// # Errors
    /// If operands or results have fewer elements than the sizes and strides say, rows of the result overlap, or the products do not
    /// fit each other.
    pub fn write(&self, between: Option<&mut [f32]>, out: Output) -> Result<(), Unfit> {
        let (first, then) = (&self.first, &self.then);
        let [count, rows, columns] = first.sizes();
        let [others, other_rows, width] = then.sizes();
        if (count, rows, columns) != (others, other_rows, then.depth) || first.accumulate {
            return Err(Unfit("the left operand of a product is not what the product before it gives"));
        }
        first.check_left()?;
        first.check_right()?;
        then.check_right()?;
        then.check_out(&out)?;
        let each = rows * columns;
        if between.as_ref().is_some_and(|between| Some(between.len()) != each.checked_mul(count)) {
            return Err(Unfit("the result between products has another size than the first of them"));
        }
        if count == 0 || rows == 0 {
            return Ok(());
        }
        let work = Work {
            chain: self,
            between: between.map(<[f32]>::as_mut_ptr),
            out: out.data.as_mut_ptr(),
            strides: [out.batch_stride, out.row_stride],
        };
        let step = most_rows(lanes());
        let split = Split::new(count, rows, first.depth + width, columns, [step, usize::MAX]);
        if split.batch * split.rows == 1 {
            // SAFETY: sizes and strides are checked, and nobody else works on the results.
            unsafe { work.compute(0..count, 0..rows) };
            return Ok(());
        }
        let work = &work;
        parallel(split.batch * split.rows, &|task| {
            let rows = Split::part(rows, split.rows, task % split.rows, step);
            let products = Split::part(count, split.batch, task / split.rows, 1);
            // SAFETY: sizes and strides are checked, and parts of different tasks do not overlap.
            unsafe { work.compute(products, rows) };
        });
        Ok(())
    }
}

/// Products whose sizes are checked, with the places that they go to.
struct Work<'a> {
    chain: &'a Chain<'a>,
    between: Option<*mut f32>,
    out: *mut f32,
    strides: [usize; 2],
}

// SAFETY: each task works on rows of the results of its own.
unsafe impl Sync for Work<'_> {}

impl Work<'_> {
    /// Computes rows of some of the products.
    ///
    /// # Safety
    /// Sizes and strides are checked, and this thread alone works on these rows of the results.
    unsafe fn compute(&self, products: Range<usize>, rows: Range<usize>) {
        if rows.is_empty() {
            return;
        }
        let Chain { first, then } = self.chain;
        let columns = first.columns;
        let step = most_rows(lanes());
        let few = rows.len() <= ROWS_IN_PLACE;
        let most = if few {
            rows.len()
        } else {
            (BLOCK / columns.max(1) / step * step).max(ROWS.next_multiple_of(step))
        };
        let [mut known, mut known_then] = [None; 2];
        with_first(|panels| {
            with_then(|panels_then| {
                with_block(|block| {
                    for index in products {
                        // SAFETY: the operands hold what the sizes and strides say.
                        let [right, right_then] = unsafe {
                            [
                                packed(first, index, few, &mut known, panels),
                                packed(then, index, few, &mut known_then, panels_then),
                            ]
                        };
                        for start in rows.clone().step_by(most) {
                            let part = start..rows.end.min(start + most);
                            let middle = match self.between {
                                Some(between) => between.wrapping_add((index * first.rows + start) * columns),
                                None => block.at_least(part.len() * columns).as_mut_ptr(),
                            };
                            // SAFETY: the caller's word; the middle is memory of these rows alone.
                            unsafe { self.block(index, part, [right, right_then], middle) };
                        }
                    }
                });
            });
        });
    }

    /// Computes rows of one product, `middle` being the place for those of the first.
    unsafe fn block(
        &self,
        index: usize,
        rows: Range<usize>,
        [right, right_then]: [RightAt; 2],
        middle: *mut f32,
    ) {
        let Chain { first, then } = self.chain;
        let [batch_stride, row_stride] = self.strides;
        let [left_row, left_column] = first.left_strides();
        let area = Area {
            left: first.left_at(index).wrapping_add(rows.start * left_row),
            left_row,
            left_column,
            right,
            out: middle,
            out_row: first.columns,
            rows: rows.len(),
            depth: first.depth,
            columns: first.columns,
            fresh: true,
        };
        let out = self.out.wrapping_add(then.out_at(index, batch_stride) + rows.start * row_stride);
        let next = Area {
            left: middle,
            left_row: first.columns,
            left_column: 1,
            right: right_then,
            out,
            out_row: row_stride,
            rows: rows.len(),
            depth: then.depth,
            columns: then.columns,
            fresh: !then.accumulate,
        };
        // SAFETY: in this function, sizes and strides are checked, and this thread alone works on the rows, in the middle and out.
        unsafe {
            area.compute(&mut |_| ());
            if let (Some(finish), true) = (first.finish, first.columns > 0) {
                let data = std::slice::from_raw_parts_mut(middle, rows.len() * first.columns);
                let (columns, row_stride) = (first.columns, first.columns);
                finish(Block { batch: index, rows: rows.clone(), columns, row_stride, data });
            }
            next.compute(&mut |_| ());
            if let (Some(finish), true) = (then.finish, then.columns > 0) {
                let length = (rows.len() - 1) * row_stride + then.columns;
                let data = std::slice::from_raw_parts_mut(out, length);
                finish(Block { batch: index, rows, columns: then.columns, row_stride, data });
            }
        }
    }
}

/// The right operand of a product, packed into the buffer, unless it is packed already, is the known one that the buffer holds, or
/// is read only for a few rows.
///
/// # Safety
/// The right operand holds what sizes and strides say.
unsafe fn packed(
    product: &Product<'_>,
    index: usize,
    few: bool,
    known: &mut Option<*const f32>,
    buffer: &mut Buffer,
) -> RightAt {
    let right = product.right_at(index, 0);
    let RightAt::Plain { first, row_stride, column_stride } = right else { return right };
    if few {
        return right;
    }
    let width = 2 * lanes();
    let padded = product.columns.div_ceil(width) * width;
    let panels = buffer.at_least(padded * product.depth);
    if *known != Some(first) {
        *known = Some(first);
        let block = block_of(product.depth);
        for at in (0..product.depth).step_by(block) {
            let source = Source {
                first: first.wrapping_add(at * row_stride),
                row_stride,
                column_stride,
                depth: block.min(product.depth - at),
                columns: product.columns,
            };
            // SAFETY: the caller's word.
            unsafe { source.pack(width, &mut panels[at * padded..]) };
        }
    }
    RightAt::Panels { first: panels.as_ptr(), padded, column: 0 }
}

#[cfg(test)]
mod tests {
    use super::super::{Matrix, PackedRight, Right};
    use super::*;
    use crate::numbers::Numbers;
    use crate::simd::level;
    use crate::threads::set_threads;

    /// Matrices row by row or column by column, those of a run next to each other row by row, and their number of elements.
    fn operand(numbers: &mut Numbers, [batch, rows, columns]: [usize; 3]) -> ([usize; 3], usize) {
        let [row, column, next] = match numbers.below(3) {
            0 => [columns, 1, rows * columns],
            1 => [1, rows, rows * columns],
            _ => [batch * columns, 1, columns],
        };
        ([row, column, next], batch * rows * columns)
    }

    fn matrix(data: &[f32], [row_stride, column_stride, batch_stride]: [usize; 3]) -> Matrix<'_> {
        Matrix { data, row_stride, column_stride, batch_stride }
    }

    fn target(data: &mut [f32], [row_stride, batch_stride]: [usize; 2]) -> Output<'_> {
        Output { data, row_stride, batch_stride }
    }

    /// A chain against its products one after the other, with and without what finishes rows and memory between them.
    fn check(numbers: &mut Numbers, runs: usize, batch: usize, [rows, depth, columns, width]: [usize; 4]) {
        let (left, of_left) = operand(numbers, [batch, rows, depth]);
        let (right, of_right) = operand(numbers, [batch, depth, columns]);
        let (next, of_next) = operand(numbers, [batch, columns, width]);
        let [data, keys, values] = [of_left, of_right, of_next].map(|count| numbers.floats(runs * count));
        let starts: Vec<_> =
            (0..runs).map(|run| [run * of_left, run * of_right, run * batch * rows * columns]).collect();
        let mixed = numbers.coin();
        let strides = if mixed { [batch * width, width] } else { [width, rows * width] };
        let next_starts: Vec<_> =
            (0..runs).map(|run| [9, run * of_next, run * batch * rows * width]).collect();
        let halve = |mut block: Block<'_>| {
            block.each_row().for_each(|row| {
                let sum: f32 = row.iter().sum();
                for x in row.iter_mut() {
                    *x = *x * 0.5 - sum;
                }
            });
        };
        let first =
            Product::new([rows, depth, columns], matrix(&data, left), Right::Plain(matrix(&keys, right)));
        let first = first.batch(batch).runs(&starts).finish(&halve);
        let mut middle = vec![0.0; runs * batch * rows * columns];
        first.write(Output::new(&mut middle, rows, columns)).unwrap();
        let values = matrix(&values, next);
        let packed = PackedRight::new(values, columns, width).unwrap();
        let before = numbers.floats(runs * batch * rows * width);
        for (right, accumulates) in
            [(Right::Plain(values), false), (Right::Plain(values), true), (Right::Packed(&packed), false)]
        {
            let product = |left, starts| {
                let product = Product::new([rows, columns, width], left, right).batch(batch).runs(starts);
                let product = if accumulates { product.accumulate() } else { product };
                if mixed { product } else { product.finish(&halve) }
            };
            let own: Vec<_> =
                next_starts.iter().zip(&starts).map(|(next, first)| [first[2], next[1], next[2]]).collect();
            let mut expected = before.clone();
            let left = Matrix::new(&middle, columns).batched(rows * columns);
            product(left, &own).write(target(&mut expected, strides)).unwrap();
            let chain = Chain::new(first, product(Matrix::new(&[], columns), &next_starts));
            let (mut found, mut between) = (before.clone(), vec![f32::NAN; middle.len()]);
            chain.write(None, target(&mut found, strides)).unwrap();
            let bits = |data: &[f32]| data.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            let what = || format!("{runs} x {batch} x {rows} x {depth} x {columns} x {width}");
            assert!(bits(&found) == bits(&expected), "{}", what());
            found.copy_from_slice(&before);
            chain.write(Some(&mut between), target(&mut found, strides)).unwrap();
            assert!(bits(&found) == bits(&expected) && bits(&between) == bits(&middle), "{}", what());
        }
    }

    #[test]
    fn chains_have_the_bits_of_their_products() {
        let mut numbers = Numbers::new();
        for level in level::ALL {
            level::with(level, || {
                for _ in 0..120 {
                    let mut few = || numbers.one_of(&[0, 1, 1, 2, 5, 12, 16, 17, 33, 70]);
                    let sizes = [few(), few(), few(), few()];
                    let (runs, batch) = (numbers.one_of(&[1, 2, 3]), numbers.one_of(&[1, 2, 4]));
                    check(&mut numbers, runs, batch, sizes);
                }
            });
        }
        for threads in [1, 2, 4] {
            set_threads(threads);
            check(&mut numbers, 2, 4, [128, 64, 128, 64]);
            check(&mut numbers, 1, 1, [700, 300, 90, 40]);
            check(&mut numbers, 1, 3, [40, 20, 1100, 70]);
            check(&mut numbers, 2, 1, [1, 64, 300, 64]);
        }
        set_threads(0);
    }

    #[test]
    fn products_that_do_not_fit_each_other_are_refused() {
        let data = [1.0; 12];
        let product = |sizes: [usize; 3]| {
            Product::new(sizes, Matrix::new(&data, sizes[1]), Right::Plain(Matrix::new(&data, sizes[2])))
        };
        let write = |first: Product<'_>, then: Product<'_>, between: Option<&mut [f32]>| {
            Chain::new(first, then).write(between, Output::new(&mut [0.0; 4], 2, 2)).map_err(|unfit| unfit.0)
        };
        assert_eq!(write(product([2, 3, 4]), product([2, 4, 2]), None), Ok(()));
        let other = Err("the left operand of a product is not what the product before it gives");
        assert_eq!(write(product([2, 3, 4]), product([2, 3, 2]), None), other);
        assert_eq!(write(product([2, 3, 4]), product([2, 4, 2]).batch(2), None), other);
        assert_eq!(write(product([2, 3, 4]).accumulate(), product([2, 4, 2]), None), other);
        let between = write(product([2, 3, 4]), product([2, 4, 2]), Some(&mut [0.0; 7]));
        assert_eq!(between, Err("the result between products has another size than the first of them"));
        let starts = [[1; 3]];
        let right = write(product([2, 3, 4]).runs(&starts), product([2, 4, 2]), None);
        assert!(right.is_err_and(|message| message.contains("right operand")));
    }
}
