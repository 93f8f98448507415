//! Products as callers put them.

#![expect(unsafe_code)]

use std::ops::Range;

use super::area::{Area, RightAt};
use super::operands::{Matrix, Output, Right, Unfit};
use super::split::Split;
use super::tile::{lanes, most_rows};
use crate::threads::parallel;

/// Rows of a result that are done and still in a cache; see [`Product::finish`].
#[derive(Debug)]
pub struct Block<'a> {
    /// Which product of the batch.
    pub batch: usize,
    /// Which rows of it.
    pub rows: Range<usize>,
    /// The columns of a row.
    pub columns: usize,
    /// From one row to the next in `data`.
    pub row_stride: usize,
    /// From the first element of the first row to the last element of the last.
    pub data: &'a mut [f32],
}

impl Block<'_> {
    /// The rows in order.
    pub fn each_row(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let columns = self.columns;
        self.data.chunks_mut(self.row_stride.max(1)).map(move |row| &mut row[..columns])
    }
}

/// What is done with finished rows, from several threads at once.
pub type Finish<'a> = dyn Fn(Block<'_>) + Sync + 'a;

/// `batch` products of `rows` x `depth` and `depth` x `columns` matrices.
///
/// ```
/// use holotype_kernels::gemm::{Matrix, Output, Product, Right};
/// let (left, right) = ([1.0, 2.0, 3.0, 4.0], [10.0, 20.0]);
/// let mut out = [0.0; 2];
/// let product = Product::new([2, 2, 1], Matrix::new(&left, 2), Right::Plain(Matrix::new(&right, 1)));
/// product.write(Output::new(&mut out, 2, 1))?;
/// assert_eq!(out, [50.0, 110.0]);
/// # Ok::<(), holotype_kernels::gemm::Unfit>(())
/// ```
#[derive(Clone, Copy)]
pub struct Product<'a> {
    batch: usize,
    /// Where each run of so many products begins in left, right and the result.
    starts: &'a [[usize; 3]],
    pub(super) rows: usize,
    pub(super) depth: usize,
    pub(crate) columns: usize,
    left: Matrix<'a>,
    right: Right<'a>,
    pub(super) accumulate: bool,
    pub(super) finish: Option<&'a Finish<'a>>,
}

impl<'a> Product<'a> {
    /// One product of `[rows, depth, columns]`.
    pub fn new([rows, depth, columns]: [usize; 3], left: Matrix<'a>, right: Right<'a>) -> Self {
        let starts = &[[0; 3]];
        Self { batch: 1, starts, rows, depth, columns, left, right, accumulate: false, finish: None }
    }

    /// So many products, each of the operands that the batch strides lead to.
    pub fn batch(self, batch: usize) -> Self {
        Self { batch, ..self }
    }

    /// As many batches as there are starts: where each begins in left, right and the result. Those in the result ascend.
    pub fn runs(self, starts: &'a [[usize; 3]]) -> Self {
        Self { starts, ..self }
    }

    /// Adds to what is there.
    pub fn accumulate(self) -> Self {
        Self { accumulate: true, ..self }
    }

    /// Calls `finish` once for each row, in blocks of whole rows, when it is done; there it may be changed in place: a bias, an
    /// activation, a softmax. What it does must not depend on how rows are put together to blocks.
    pub fn finish(self, finish: &'a Finish<'a>) -> Self {
        Self { finish: Some(finish), ..self }
    }

    /// How many products there are, and the rows and columns of the result of each.
    pub(crate) fn sizes(&self) -> [usize; 3] {
        [self.batch * self.starts.len(), self.rows, self.columns]
    }

    /// Whether the results lie one behind the other where they begin in the order of the products.
    pub(crate) fn is_in_order(&self) -> bool {
        let each = self.batch * self.rows * self.columns;
        self.starts.iter().enumerate().all(|(index, start)| start[2] == index * each)
    }

    pub(super) fn check_left(&self) -> Result<(), Unfit> {
        let fits = |start: &[usize; 3]| self.left.from(start[0]).holds(self.batch, self.rows, self.depth);
        let message = "the left operand has fewer elements than its sizes and strides say";
        if self.starts.iter().all(fits) { Ok(()) } else { Err(Unfit(message)) }
    }

    pub(super) fn check_right(&self) -> Result<(), Unfit> {
        let Self { batch, starts, depth, columns, .. } = *self;
        match self.right {
            Right::Plain(right)
                if !starts.iter().all(|start| right.from(start[1]).holds(batch, depth, columns)) =>
            {
                Err(Unfit("the right operand has fewer elements than its sizes and strides say"))
            }
            Right::Packed(right)
                if right.depth != depth
                    || right.columns != columns
                    || right.width != 2 * lanes()
                    || (right.batch != 1 && right.batch < batch * starts.len()) =>
            {
                Err(Unfit("the packed right operand has other sizes than the product"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_out(&self, out: &Output) -> Result<(), Unfit> {
        out.check_runs(self.starts, self.batch, self.rows, self.columns)?;
        if self.finish.is_some() && out.is_mixed(self.batch, self.rows, self.columns) {
            return Err(Unfit("rows of other matrices lie between the rows that are to be finished"));
        }
        Ok(())
    }

    /// Where the run of a product begins in left, right and the result, and which of its products it is.
    #[inline]
    fn place(&self, index: usize) -> ([usize; 3], usize) {
        match self.starts {
            [start] => (*start, index),
            starts => (starts[index / self.batch], index % self.batch),
        }
    }

    /// Where the left operand of a product is.
    pub(super) fn left_at(&self, index: usize) -> *const f32 {
        let ([start, ..], index) = self.place(index);
        self.left.data.as_ptr().wrapping_add(start + index * self.left.batch_stride)
    }

    /// From one row and one column of the left operand to the next.
    pub(super) fn left_strides(&self) -> [usize; 2] {
        [self.left.row_stride, self.left.column_stride]
    }

    /// The right operand of a product, from a column on.
    #[inline(always)]
    pub(super) fn right_at(&self, index: usize, column: usize) -> RightAt {
        match self.right {
            Right::Plain(right) => {
                let ([_, start, _], index) = self.place(index);
                let start = start + index * right.batch_stride + column * right.column_stride;
                RightAt::Plain {
                    first: right.data.as_ptr().wrapping_add(start),
                    row_stride: right.row_stride,
                    column_stride: right.column_stride,
                }
            }
            Right::Packed(right) => {
                let padded = right.columns.div_ceil(right.width) * right.width;
                let start = if right.batch == 1 { 0 } else { index * padded * right.depth };
                let first = right.panels.elements().as_ptr().wrapping_add(start);
                RightAt::Panels { first, padded, column }
            }
        }
    }

    /// Rows and columns of a product, as an area that goes nowhere yet.
    #[inline(always)]
    pub(super) fn area(&self, index: usize, rows: Range<usize>, columns: Range<usize>) -> Area {
        let [left_row, left_column] = self.left_strides();
        Area {
            left: self.left_at(index).wrapping_add(rows.start * left_row),
            left_row,
            left_column,
            right: self.right_at(index, columns.start),
            out: std::ptr::null_mut(),
            out_row: columns.len(),
            rows: rows.len(),
            depth: self.depth,
            columns: columns.len(),
            fresh: !self.accumulate,
        }
    }

    /// Where the result of a product begins, if matrices of a batch are so far apart.
    pub(super) fn out_at(&self, index: usize, batch_stride: usize) -> usize {
        let ([.., start], index) = self.place(index);
        start + index * batch_stride
    }

    /// Computes the products.
    ///
    /// # Errors
    /// If operands or the result have fewer elements than the sizes and strides say, or rows of the result overlap.
    pub fn write(&self, out: Output) -> Result<(), Unfit> {
        self.check_left()?;
        self.check_right()?;
        self.check_out(&out)?;
        let [batch, ..] = self.sizes();
        if batch == 0 || self.rows == 0 || self.columns == 0 {
            return Ok(());
        }
        let work =
            Work { product: self, out: out.data.as_mut_ptr(), strides: [out.batch_stride, out.row_stride] };
        let lanes = lanes();
        let steps = [most_rows(lanes), 2 * lanes];
        let split = Split::new(batch, self.rows, self.depth, self.columns, steps);
        if split == (Split { batch: 1, rows: 1, columns: 1 }) {
            for index in 0..batch {
                // SAFETY: sizes and strides are checked, and nobody else works on the result.
                unsafe { work.compute(index, 0..self.rows, 0..self.columns) };
            }
            return Ok(());
        }
        let of_one = split.rows * split.columns;
        let work = &work;
        parallel(split.batch * of_one, &|task| {
            let rows = Split::part(self.rows, split.rows, task % of_one / split.columns, steps[0]);
            let columns = Split::part(self.columns, split.columns, task % split.columns, steps[1]);
            for index in Split::part(batch, split.batch, task / of_one, 1) {
                // SAFETY: sizes and strides are checked, and parts of different tasks do not overlap.
                unsafe { work.compute(index, rows.clone(), columns.clone()) };
            }
        });
        if split.columns > 1 && self.finish.is_some() {
            let parts = self.rows.div_ceil(steps[0]);
            parallel(batch * parts, &|task| {
                let rows = Split::part(self.rows, parts, task % parts, steps[0]);
                // SAFETY: the products are computed, and blocks of different tasks do not overlap.
                unsafe { work.finish(task / parts, rows) };
            });
        }
        Ok(())
    }
}

/// A product whose sizes are checked, with the place it goes to.
struct Work<'a> {
    product: &'a Product<'a>,
    out: *mut f32,
    strides: [usize; 2],
}

// SAFETY: each task works on a part of the result of its own.
unsafe impl Sync for Work<'_> {}

impl Work<'_> {
    /// Computes rows and columns of a product of the batch, and finishes the rows if they are whole.
    unsafe fn compute(&self, index: usize, rows: Range<usize>, columns: Range<usize>) {
        let product = self.product;
        let [batch_stride, row_stride] = self.strides;
        let whole = columns.len() == product.columns;
        let first = product.out_at(index, batch_stride) + rows.start * row_stride + columns.start;
        let out = self.out.wrapping_add(first);
        let area = Area { out, out_row: row_stride, ..product.area(index, rows.clone(), columns) };
        // SAFETY: the caller checked sizes and strides.
        unsafe {
            area.compute(&mut |done| {
                if whole {
                    self.finish(index, rows.start + done.start..rows.start + done.end);
                }
            });
        }
    }

    unsafe fn finish(&self, index: usize, rows: Range<usize>) {
        let (Some(finish), false) = (self.product.finish, rows.is_empty()) else { return };
        let [batch_stride, row_stride] = self.strides;
        let first = self.product.out_at(index, batch_stride);
        let columns = self.product.columns;
        let length = (rows.len() - 1) * row_stride + columns;
        // SAFETY: the rows are within the result, and this thread alone works on them.
        let data =
            unsafe { std::slice::from_raw_parts_mut(self.out.add(first + rows.start * row_stride), length) };
        finish(Block { batch: index, rows, columns, row_stride, data });
    }
}
