//! The dimensions of a loop, as few as the strides of its inputs allow.

use super::extent::Extent;

/// How an input lies in memory, along the dimensions of a [`Shape`].
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) size: usize,
    pub(super) offset: usize,
    pub(super) strides: Vec<isize>,
    pub(super) column_stride: isize,
}

/// Rows, counted by some outer dimensions, and columns.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) outer: Vec<usize>,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Shape {
    /// Drops dimensions of size 1 and merges neighbours that all views walk through evenly; columns with outer dimensions
    /// only if rows do not matter. `None` if the number of elements overflows, or a view has other dimensions.
    pub(super) fn collapse(
        outer: &[usize],
        columns: usize,
        views: &mut [View],
        rows_matter: bool,
    ) -> Option<Self> {
        if views.iter().any(|view| view.strides.len() != outer.len()) {
            return None;
        }
        let count = |sizes: &[usize]| sizes.iter().try_fold(1_usize, |count, &size| count.checked_mul(size));
        count(outer)?.checked_mul(columns)?.checked_mul(8)?;
        let mut sizes = outer.to_vec();
        if !rows_matter {
            sizes.push(columns);
            for view in views.iter_mut() {
                view.strides.push(view.column_stride);
            }
        }
        let mut kept: Vec<usize> = Vec::new();
        let mut strides: Vec<Vec<isize>> = vec![Vec::new(); views.len()];
        for (axis, &size) in sizes.iter().enumerate().filter(|&(_, &size)| size != 1) {
            let even = views.iter().zip(&strides).all(|(view, own)| {
                let step = view.strides[axis].checked_mul(size.cast_signed());
                own.last().is_some_and(|&last| step == Some(last))
            });
            // Without views every dimension merges; with them, into the one before.
            if even && let Some(last) = kept.last_mut() {
                *last *= size;
                for (own, view) in strides.iter_mut().zip(views.iter()) {
                    if let Some(stride) = own.last_mut() {
                        *stride = view.strides[axis];
                    }
                }
            } else {
                kept.push(size);
                strides.iter_mut().zip(views.iter()).for_each(|(own, view)| own.push(view.strides[axis]));
            }
        }
        for (view, strides) in views.iter_mut().zip(strides) {
            view.strides = strides;
        }
        let mut columns = columns;
        if !rows_matter {
            columns = kept.pop().unwrap_or(1);
            for view in views.iter_mut() {
                view.column_stride = view.strides.pop().unwrap_or(0);
            }
        }
        Some(Self { rows: count(&kept)?, outer: kept, columns })
    }

    /// Along what a view varies.
    pub(super) fn extent(&self, view: &View) -> Extent {
        let column = view.column_stride != 0 && self.columns != 1;
        let row = view.strides.iter().any(|&stride| stride != 0);
        // One row is worked through in pieces, as if there were many.
        Extent { row: row || (column && self.rows == 1), column }
    }

    /// Whether the elements of a view lie in the order of the rows and columns, each once.
    pub(super) fn is_contiguous(&self, view: &View) -> bool {
        let mut stride = self.columns.cast_signed();
        let mut outer = self.outer.iter().zip(&view.strides).rev();
        (self.columns == 1 || view.column_stride == 1)
            && outer.all(|(&size, &own)| {
                let expected = stride;
                stride *= size.cast_signed();
                own == expected
            })
    }

    /// The bytes that a view reads from the start of its memory; `None` if it reads before the start.
    pub(super) fn bytes(&self, view: &View) -> Option<usize> {
        if self.rows == 0 || (self.columns == 0 && view.column_stride != 0) {
            return Some(0);
        }
        let (mut low, mut high) = (view.offset.cast_signed(), view.offset.cast_signed());
        let columns = (self.columns.max(1), view.column_stride);
        for (size, stride) in self.outer.iter().copied().zip(view.strides.iter().copied()).chain([columns]) {
            let reach = stride.checked_mul((size - 1).cast_signed())?;
            (low, high) = (low.checked_add(reach.min(0))?, high.checked_add(reach.max(0))?);
        }
        if low < 0 { None } else { high.cast_unsigned().checked_add(1)?.checked_mul(view.size) }
    }

    /// The index of the element of a view in a row and column.
    #[inline]
    pub(super) fn index(&self, view: &View, row: usize, column: usize) -> isize {
        let mut index = view.offset.cast_signed() + view.column_stride * column.cast_signed();
        match view.strides[..] {
            [] => {}
            [stride] => index += stride * row.cast_signed(),
            _ => {
                let mut row = row;
                for (&size, &stride) in self.outer.iter().zip(&view.strides).rev() {
                    index += stride * (row % size).cast_signed();
                    row /= size;
                }
            }
        }
        index
    }
}
