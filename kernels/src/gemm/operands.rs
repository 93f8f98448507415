//! The operands and results of products: where their elements lie, and whether there are enough.

use super::packed::PackedRight;

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
    pub(super) fn from(self, start: usize) -> Self {
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
    pub(super) fn check_runs(
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
    pub(super) fn is_mixed(&self, batch: usize, rows: usize, columns: usize) -> bool {
        batch > 1
            && rows > 1
            && (rows - 1).saturating_mul(self.row_stride).saturating_add(columns) > self.batch_stride
    }
}
