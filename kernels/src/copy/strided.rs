//! Copies between any two layouts of the same dimensions.

use super::chunks::Shared;
use super::plane::{Plane, copy};
use crate::fused::Mismatch;
use crate::threads;

/// The bytes from which on a second thread pays.
const WORTH: usize = 1 << 20;

/// How elements lie in memory: the index of the first, and the distance of neighbours along each dimension, in elements.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'a> {
    /// The index of the element whose coordinates are all 0.
    pub offset: usize,
    /// The distance between neighbours along each dimension. In a source 0 repeats an element.
    pub strides: &'a [isize],
}

/// A copy of elements from one layout to another, ready to be run.
///
/// ```
/// use holotype_kernels::copy::{Layout, StridedCopy};
/// // The transpose of a matrix of 2 rows and 3 columns.
/// let from = Layout { offset: 0, strides: &[1, 3] };
/// let to = Layout { offset: 0, strides: &[2, 1] };
/// let transpose = StridedCopy::new(4, &[3, 2], from, to).ok_or("overlap")?;
/// let mut result = [0_i32; 6];
/// transpose.run(bytemuck::cast_slice(&[1, 2, 3, 4, 5, 6]), bytemuck::cast_slice_mut(&mut result))?;
/// assert_eq!(result, [1, 4, 2, 5, 3, 6]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct StridedCopy {
    size: usize,
    /// Sizes and strides of both, those of the result decreasing.
    dims: Vec<Dim>,
    /// The dimensions of the plane, whose strides are in `plane`, are not among `dims`.
    plane: Plane,
    offsets: (usize, usize),
    bytes: (usize, usize),
    elements: usize,
}

#[derive(Clone, Copy, Debug)]
struct Dim {
    size: usize,
    from: isize,
    to: isize,
}

impl StridedCopy {
    /// A copy of elements of `size` bytes (1, 2, 4 or 8) along dimensions of these sizes.
    ///
    /// `None` if a layout has another number of dimensions or reaches before its start, if two elements have the same place in
    /// the result, or if there are too many.
    pub fn new(size: usize, sizes: &[usize], from: Layout<'_>, to: Layout<'_>) -> Option<Self> {
        if !matches!(size, 1 | 2 | 4 | 8)
            || from.strides.len() != sizes.len()
            || to.strides.len() != sizes.len()
        {
            return None;
        }
        let elements = sizes.iter().try_fold(1_usize, |count, &size| count.checked_mul(size))?;
        elements.checked_mul(8)?;
        let bytes = (reach(size, sizes, from)?, reach(size, sizes, to)?);
        let strides = from.strides.iter().zip(to.strides);
        let mut dims: Vec<Dim> =
            sizes.iter().zip(strides).map(|(&size, (&from, &to))| Dim { size, from, to }).collect();
        dims.retain(|dim| dim.size != 1);
        dims.sort_by_key(|dim| std::cmp::Reverse(dim.to.unsigned_abs()));
        if elements > 1 && !is_injective(&dims) {
            return None;
        }
        let mut merged: Vec<Dim> = Vec::new();
        for dim in dims {
            let steps = dim.size.cast_signed();
            match merged.last_mut() {
                Some(last) if last.from == dim.from * steps && last.to == dim.to * steps => {
                    *last = Dim { size: last.size * dim.size, ..dim };
                }
                _ => merged.push(dim),
            }
        }
        let one = Dim { size: 1, from: 0, to: 0 };
        let columns = merged.pop().unwrap_or(one);
        // Rows are the dimension whose elements lie nearest to each other in the source.
        let nearest = (0..merged.len()).min_by_key(|&index| match merged[index].from.unsigned_abs() {
            0 => usize::MAX,
            distance => distance,
        });
        let rows = nearest.map_or(one, |index| merged.remove(index));
        let plane = Plane {
            rows: rows.size,
            columns: columns.size,
            size,
            from: (rows.from, columns.from),
            to: (rows.to, columns.to),
        };
        Some(Self { size, dims: merged, plane, offsets: (from.offset, to.offset), bytes, elements })
    }

    /// The bytes that the source and the result must have at least.
    pub fn bytes(&self) -> (usize, usize) {
        self.bytes
    }

    /// Copies. Bytes of `to` that are no element's place stay as they are.
    pub fn run(&self, from: &[u8], to: &mut [u8]) -> Result<(), Mismatch> {
        if from.len() < self.bytes.0 {
            return Err(Mismatch::Input { index: 0, expected: self.bytes.0, found: from.len() });
        }
        if to.len() < self.bytes.1 {
            return Err(Mismatch::Output { index: 0, expected: self.bytes.1, found: to.len() });
        }
        if self.elements == 0 {
            return Ok(());
        }
        let planes: usize = self.dims.iter().map(|dim| dim.size).product();
        let worth = self.elements * self.size >= WORTH && threads::threads() > 1;
        // Planes are cut along the longer side into pieces of whole tiles.
        let long = self.plane.rows.max(self.plane.columns);
        let cuts = if worth && planes < 4 * threads::threads() {
            (4 * threads::threads()).min(long.div_ceil(64))
        } else {
            1
        };
        let pointers = (Shared::new(from.as_ptr().cast_mut()), Shared::new(to.as_mut_ptr()));
        let tasks = if worth { (planes * cuts).min(16 * threads::threads()) } else { 1 };
        let pieces = planes * cuts;
        let run = |task: usize| {
            for piece in pieces * task / tasks..pieces * (task + 1) / tasks {
                self.piece(pointers, piece / cuts, piece % cuts, cuts);
            }
        };
        if tasks > 1 {
            threads::parallel(tasks, &run);
        } else {
            run(0);
        }
        Ok(())
    }

    /// Copies one of the pieces into which a plane is cut.
    #[expect(unsafe_code)]
    fn piece(&self, (from, to): (Shared, Shared), plane: usize, cut: usize, cuts: usize) {
        let (mut from_index, mut to_index) = (self.offsets.0.cast_signed(), self.offsets.1.cast_signed());
        let mut rest = plane;
        for dim in self.dims.iter().rev() {
            let at = (rest % dim.size).cast_signed();
            rest /= dim.size;
            from_index += at * dim.from;
            to_index += at * dim.to;
        }
        let mut plane = self.plane;
        let by_row = plane.rows >= plane.columns;
        let long = if by_row { &mut plane.rows } else { &mut plane.columns };
        let step = long.div_ceil(cuts).next_multiple_of(16);
        let start = (cut * step).min(*long);
        *long = step.min(*long - start);
        let start = start.cast_signed();
        let (from_stride, to_stride) =
            if by_row { (plane.from.0, plane.to.0) } else { (plane.from.1, plane.to.1) };
        from_index += start * from_stride;
        to_index += start * to_stride;
        let bytes = self.size.cast_signed();
        // SAFETY: `new` has worked out how far both layouts reach, `run` has checked that the slices do, elements have places of
        // their own in the result, and each piece is copied once.
        unsafe {
            copy(
                plane,
                from.get().wrapping_offset(from_index * bytes),
                to.get().wrapping_offset(to_index * bytes),
            );
        }
    }
}

/// The bytes that a layout reaches over; `None` if it reaches before the start.
fn reach(size: usize, sizes: &[usize], layout: Layout<'_>) -> Option<usize> {
    if sizes.contains(&0) {
        return Some(0);
    }
    let start = isize::try_from(layout.offset).ok()?;
    let (mut low, mut high) = (start, start);
    for (&size, &stride) in sizes.iter().zip(layout.strides) {
        let distance = stride.checked_mul((size - 1).cast_signed())?;
        (low, high) = (low.checked_add(distance.min(0))?, high.checked_add(distance.max(0))?);
    }
    if low < 0 { None } else { high.cast_unsigned().checked_add(1)?.checked_mul(size) }
}

/// Whether all elements have places of their own: each stride, the greatest first, passes what the smaller ones reach.
fn is_injective(dims: &[Dim]) -> bool {
    let mut reach = 0_usize;
    for dim in dims.iter().rev() {
        let stride = dim.to.unsigned_abs();
        if dim.size > 1 && stride <= reach {
            return false;
        }
        reach = reach.saturating_add(stride.saturating_mul(dim.size.saturating_sub(1)));
    }
    true
}
