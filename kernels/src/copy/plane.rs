//! Copies of two dimensions, transposed tile by tile where rows of the one are columns of the other.
#![expect(unsafe_code)]

use std::ops::Range;

/// Rows and columns of elements, and the distances between neighbours in elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// The size of an element in bytes: 1, 2, 4 or 8.
    pub(crate) size: usize,
    /// Between rows and between columns of the source.
    pub(crate) from: (isize, isize),
    /// Between rows and between columns of the result.
    pub(crate) to: (isize, isize),
}

/// The rows and columns of a tile.
const TILE: usize = 16;

/// The columns of a group of tiles that are copied row by row, so that few pages are in use.
const GROUP: usize = 64;

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
    let dense = columns.cast_signed();
    let lines = (plane.from.1, plane.to.1) == (1, 1);
    // SAFETY: the caller promises that all elements may be read and written; the views below are of the same elements.
    unsafe {
        if (lines || columns == 1) && (plane.from.0, plane.to.0) == (dense, dense) {
            std::ptr::copy_nonoverlapping(from, to, rows * columns * size);
        } else if columns == 1 && rows > 1 {
            copy(
                Plane { rows: 1, columns: rows, from: (0, plane.from.0), to: (0, plane.to.0), size },
                from,
                to,
            );
        } else if lines {
            for row in 0..rows.cast_signed() {
                let from = from.offset(row * plane.from.0 * bytes);
                std::ptr::copy_nonoverlapping(from, to.offset(row * plane.to.0 * bytes), columns * size);
            }
        } else {
            match size {
                1 => elements::<u8>(plane, from, to),
                2 => elements::<u16>(plane, from, to),
                4 => elements::<u32>(plane, from, to),
                8 => elements::<u64>(plane, from, to),
                _ => {}
            }
        }
    }
}

/// # Safety
///
/// As for [`copy`].
unsafe fn elements<T: bytemuck::Pod>(plane: Plane, from: *const u8, to: *mut u8) {
    let (from, to) = (from.cast::<T>(), to.cast::<T>());
    // SAFETY: rows and columns are below those of the plane.
    let single = |rows, columns| unsafe { single(&plane, from, to, rows, columns) };
    if plane.from.0 != 1 || plane.to.1 != 1 || plane.rows < 4 || plane.columns < 4 {
        return single(0..plane.rows, 0..plane.columns);
    }
    let whole = plane.rows / TILE * TILE;
    for start in (0..plane.columns).step_by(GROUP) {
        let end = (start + GROUP).min(plane.columns);
        for row in (0..whole).step_by(TILE) {
            let mut column = start;
            while column + TILE <= end {
                if size_of::<T>() == size_of::<u32>() {
                    let places = [at(row, column, plane.from), at(row, column, plane.to)];
                    // SAFETY: the whole tile lies in the plane.
                    unsafe {
                        let (from, to) = (from.offset(places[0]), to.offset(places[1]));
                        tile(from.cast(), plane.from.1, to.cast(), plane.to.0);
                    }
                } else {
                    single(row..row + TILE, column..column + TILE);
                }
                column += TILE;
            }
            single(row..row + TILE, column..end);
        }
        single(whole..plane.rows, start..end);
    }
}

/// Where an element is, from the first one.
#[inline]
fn at(row: usize, column: usize, strides: (isize, isize)) -> isize {
    row.cast_signed() * strides.0 + column.cast_signed() * strides.1
}

/// Copies rows and columns of a plane element by element.
///
/// # Safety
///
/// As for [`copy`]; the plane has these rows and columns.
#[inline(never)]
unsafe fn single<T: bytemuck::Pod>(
    plane: &Plane,
    from: *const T,
    to: *mut T,
    rows: Range<usize>,
    columns: Range<usize>,
) {
    for row in rows {
        for column in columns.clone() {
            // SAFETY: the caller's word.
            unsafe {
                let value = from.offset(at(row, column, plane.from)).read_unaligned();
                to.offset(at(row, column, plane.to)).write_unaligned(value);
            }
        }
    }
}

/// Transposes a tile of elements of 4 bytes by way of a local one, so that each line of memory is used as a whole.
///
/// # Safety
///
/// `TILE` runs of `TILE` elements may be read at distances of `stride` and written at distances of `to_stride`.
#[inline]
unsafe fn tile(from: *const u32, stride: isize, to: *mut u32, to_stride: isize) {
    let mut local = [[0; TILE]; TILE];
    for column in (0..TILE).step_by(4) {
        // SAFETY: these runs are among those that the caller promises.
        let runs: [[u32; TILE]; 4] = std::array::from_fn(|index| unsafe {
            from.offset((column + index).cast_signed() * stride).cast::<[u32; TILE]>().read_unaligned()
        });
        for row in (0..TILE).step_by(4) {
            let quarter = |index: usize| -> [u32; 4] { std::array::from_fn(|lane| runs[index][row + lane]) };
            let lines = transpose([quarter(0), quarter(1), quarter(2), quarter(3)]);
            for (line, four) in local[row..].iter_mut().zip(lines) {
                line[column..column + 4].copy_from_slice(&four);
            }
        }
    }
    for (row, line) in local.iter().enumerate() {
        // SAFETY: as above.
        unsafe { to.offset(row.cast_signed() * to_stride).cast::<[u32; TILE]>().write_unaligned(*line) };
    }
}

/// The transpose of 4 rows of 4 elements.
#[inline(always)]
fn transpose(rows: [[u32; 4]; 4]) -> [[u32; 4]; 4] {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{
            _mm_unpackhi_epi32, _mm_unpackhi_epi64, _mm_unpacklo_epi32, _mm_unpacklo_epi64,
        };
        let [a, b, c, d] = rows.map(bytemuck::cast);
        // SAFETY: every x86-64 has SSE2.
        unsafe {
            let (ab_low, ab_high) = (_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
            let (cd_low, cd_high) = (_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
            [
                _mm_unpacklo_epi64(ab_low, cd_low),
                _mm_unpackhi_epi64(ab_low, cd_low),
                _mm_unpacklo_epi64(ab_high, cd_high),
                _mm_unpackhi_epi64(ab_high, cd_high),
            ]
            .map(bytemuck::cast)
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::array::from_fn(|row| rows.map(|line| line[row]))
}
