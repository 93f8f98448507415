//! Copies of two dimensions, transposed where that is faster.
#![expect(unsafe_code)]

/// Rows and columns of elements, and the distances between neighbours in elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// The size of an element in bytes.
    pub(crate) size: usize,
    /// Between rows and between columns of the source.
    pub(crate) from: (isize, isize),
    /// Between rows of the result, whose columns are neighbours.
    pub(crate) to: isize,
}

/// Copies a plane.
///
/// # Safety
///
/// All elements of the plane lie in memory that may be read at `from` and written at `to`, and do not overlap.
#[inline]
pub(crate) unsafe fn copy(plane: Plane, from: *const u8, to: *mut u8) {
    let Plane { rows, columns, size, .. } = plane;
    if rows == 0 || columns == 0 {
        return;
    }
    let bytes = size.cast_signed();
    if columns == 1 && plane.to == 1 && rows > 1 {
        let line = Plane { rows: 1, columns: rows, from: (0, plane.from.0), ..plane };
        // SAFETY: these are the same elements.
        return unsafe { copy(line, from, to) };
    }
    if plane.from.1 == 1 || columns == 1 {
        let dense = columns.cast_signed();
        let (rows, length) = if (plane.from.0, plane.to) == (dense, dense) {
            (1, rows * columns * size)
        } else {
            (rows, columns * size)
        };
        for row in 0..rows.cast_signed() {
            // SAFETY: the caller promises that the row may be read and written.
            unsafe {
                let from = from.offset(row * plane.from.0 * bytes);
                std::ptr::copy_nonoverlapping(from, to.offset(row * plane.to * bytes), length);
            }
        }
        return;
    }
    // SAFETY: as the caller promises.
    unsafe {
        match size {
            1 => scalar::<u8>(plane, from, to),
            2 => scalar::<u16>(plane, from, to),
            4 => scalar::<u32>(plane, from, to),
            8 => scalar::<u64>(plane, from, to),
            _ => {}
        }
    }
}

/// # Safety
///
/// As for [`copy`].
unsafe fn scalar<T: Copy>(plane: Plane, from: *const u8, to: *mut u8) {
    let (from, to) = (from.cast::<T>(), to.cast::<T>());
    for row in 0..plane.rows.cast_signed() {
        for column in 0..plane.columns.cast_signed() {
            // SAFETY: as the caller promises.
            unsafe {
                let value = from.offset(row * plane.from.0 + column * plane.from.1).read_unaligned();
                to.offset(row * plane.to + column).write_unaligned(value);
            }
        }
    }
}
