//! Products as callers put them.

#![expect(unsafe_code)]

use std::ops::Range;

use super::area::{Area, RightAt};
use super::packed::PackedRight;
use super::split::Split;
use super::tile::{lanes, most_rows};
use crate::threads::parallel;

/// Why operands or a result do not fit a product: too few elements for the sizes and strides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit(pub &'static str);

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Unfit {}

/// Matrices in a slice: element (row, column) of matrix `i` at `i * batch_stride + row * row_stride + column * column_stride`.
///
/// Strides may be 0, which repeats a matrix, a row or a column.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T = f32> {
    /// The elements.
    pub data: &'a [T],
    /// From one row to the next.
    pub row_stride: usize,
    /// From one column to the next.
    pub column_stride: usize,
    /// From one matrix of a batch to the next.
    pub batch_stride: usize,
}

impl<'a, T> Matrix<'a, T> {
    /// Row by row, with so many columns; the same for a whole batch.
    pub fn new(data: &'a [T], columns: usize) -> Self {
        Self { data, row_stride: columns, column_stride: 1, batch_stride: 0 }
    }

    /// With rows and columns exchanged; no element moves.
    pub fn transposed(self) -> Self {
        Self { row_stride: self.column_stride, column_stride: self.row_stride, ..self }
    }

    /// With a matrix of its own for each product of a batch.
    pub fn batched(self, batch_stride: usize) -> Self {
        Self { batch_stride, ..self }
    }

    /// The matrices from an element on; none of them if there is no such element.
    fn from(self, start: usize) -> Self {
        Self { data: self.data.get(start..).unwrap_or_default(), ..self }
    }

    /// Whether all elements of such a batch are in the slice.
    pub(crate) fn holds(&self, batch: usize, rows: usize, columns: usize) -> bool {
        holds(
            self.data.len(),
            [(batch, self.batch_stride), (rows, self.row_stride), (columns, self.column_stride)],
        )
    }
}

/// Whether a slice of `length` elements has all those that sizes and strides lead to.
pub(crate) fn holds<const N: usize>(length: usize, dimensions: [(usize, usize); N]) -> bool {
    if dimensions.iter().any(|&(size, _)| size == 0) {
        return true;
    }
    let mut last = Some(0_usize);
    for (size, stride) in dimensions {
        last = last.and_then(|last| last.checked_add((size - 1).checked_mul(stride)?));
    }
    last.is_some_and(|last| last < length)
}

/// The right operand of a product.
#[derive(Clone, Copy, Debug)]
pub enum Right<'a> {
    /// As it lies in memory.
    Plain(Matrix<'a>),
    /// Packed before; one matrix for a whole batch, or one for each product.
    Packed(&'a PackedRight),
}

/// Where a product goes: rows of contiguous elements.
#[derive(Debug)]
pub struct Output<'a, T = f32> {
    /// The elements; those between rows keep their values.
    pub data: &'a mut [T],
    /// From one row to the next; at least the number of columns.
    pub row_stride: usize,
    /// From one matrix of a batch to the next; at least what a matrix takes, or so that rows of other matrices lie between its
    /// rows.
    pub batch_stride: usize,
}

impl<'a, T> Output<'a, T> {
    /// Matrices of so many rows and columns one behind the other, without gaps.
    pub fn new(data: &'a mut [T], rows: usize, columns: usize) -> Self {
        Self { data, row_stride: columns, batch_stride: rows.saturating_mul(columns) }
    }
}

impl<T> Output<'_, T> {
    pub(super) fn check(&self, batch: usize, rows: usize, columns: usize) -> Result<(), Unfit> {
        self.check_runs(&[[0; 3]], batch, rows, columns)
    }

    /// Checks that no rows of runs of matrices overlap, and that there is place for all; the last of three starts is where a run
    /// begins.
    fn check_runs(
        &self,
        starts: &[[usize; 3]],
        batch: usize,
        rows: usize,
        columns: usize,
    ) -> Result<(), Unfit> {
        let overlap = Unfit("rows of the result overlap: make its strides larger");
        if starts.is_empty() || [batch, rows, columns].contains(&0) {
            return Ok(());
        }
        let mut sizes = [(batch, self.batch_stride), (rows, self.row_stride)];
        sizes.sort_unstable_by_key(|&(_, stride)| stride);
        let mut taken = columns;
        for (size, stride) in sizes.into_iter().filter(|&(size, _)| size > 1) {
            let reach = stride.checked_mul(size - 1).and_then(|reach| reach.checked_add(taken));
            let (true, Some(reach)) = (stride >= taken, reach) else { return Err(overlap) };
            taken = reach;
        }
        let apart = |pair: &[[usize; 3]]| pair[1][2].checked_sub(pair[0][2]).is_some_and(|gap| gap >= taken);
        if !starts.windows(2).all(apart) {
            return Err(overlap);
        }
        let last = starts.last().and_then(|start| start[2].checked_add(taken));
        if last.is_some_and(|last| last <= self.data.len()) {
            Ok(())
        } else {
            Err(Unfit("the result has fewer elements than its sizes and strides say"))
        }
    }

    /// Whether rows of a matrix lie between rows of another one.
    fn is_mixed(&self, batch: usize, rows: usize, columns: usize) -> bool {
        batch > 1
            && rows > 1
            && (rows - 1).saturating_mul(self.row_stride).saturating_add(columns) > self.batch_stride
    }
}

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
