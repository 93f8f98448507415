//! Elements moved from place to place, whatever their dtype: as bytes.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::graph::check_failed;
use crate::tensor::{Buffer, DType, Data, element_count};

/// Where elements lie among those of a tensor: the first of them, and for each dimension how many there are and how far
/// apart.
pub(crate) struct Strided {
    first: isize,
    sizes: Vec<usize>,
    strides: Vec<isize>,
}

impl Strided {
    /// All elements of a tensor of these sizes, in order.
    pub fn whole(sizes: &[usize]) -> Self {
        let mut strides = vec![1_isize; sizes.len()];
        for axis in (1..sizes.len()).rev() {
            strides[axis - 1] = strides[axis].saturating_mul(sizes[axis].cast_signed());
        }
        Self { first: 0, sizes: sizes.to_vec(), strides }
    }

    /// Of the elements along a dimension only `count` from `start` on, `step` apart.
    pub fn slice(&mut self, axis: usize, start: usize, count: usize, step: usize) {
        self.first += start.cast_signed() * self.strides[axis];
        self.sizes[axis] = count;
        if count > 1 {
            self.strides[axis] *= step.cast_signed();
        }
    }

    /// The elements along a dimension, the other way round.
    pub fn reverse(&mut self, axis: usize) {
        self.first += (self.sizes[axis].cast_signed() - 1) * self.strides[axis];
        self.strides[axis] = -self.strides[axis];
    }

    /// The one element along a dimension, so many times.
    pub fn repeat(&mut self, axis: usize, count: usize) {
        self.sizes[axis] = count;
        self.strides[axis] = 0;
    }

    /// The same elements with the dimensions in another order.
    pub fn permuted(&self, order: &[usize]) -> Self {
        let sizes = order.iter().map(|&axis| self.sizes[axis]).collect();
        let strides = order.iter().map(|&axis| self.strides[axis]).collect();
        Self { first: self.first, sizes, strides }
    }

    /// The places of the elements, in order.
    pub fn places(self) -> impl Iterator<Item = Option<usize>> {
        let Self { first: mut place, sizes, strides } = self;
        let mut at = vec![0; sizes.len()];
        (0..element_count(&sizes).unwrap_or(usize::MAX)).map(move |_| {
            let found = usize::try_from(place).ok();
            for axis in (0..sizes.len()).rev() {
                at[axis] += 1;
                place += strides[axis];
                if at[axis] < sizes[axis] {
                    break;
                }
                place -= strides[axis] * sizes[axis].cast_signed();
                at[axis] = 0;
            }
            found
        })
    }

    /// These elements of a tensor, as a tensor.
    pub fn read(mut self, from: &Data) -> Result<Data> {
        let sizes = self.sizes.clone();
        if self.first == 0
            && self.strides == Self::whole(&sizes).strides
            && element_count(&sizes) == Some(from.len())
        {
            return from.clone().with_sizes(sizes);
        }
        let mut result = zeros(from.dtype(), &sizes)?;
        let (length, stride) = (self.sizes.pop().unwrap_or(1), self.strides.pop().unwrap_or(1));
        let (to, bytes, starts) = (result.bytes_mut(), from.bytes(), self.places().flatten());
        match from.dtype().size() {
            1 => read_lines::<1>(to, bytes, starts, length, stride),
            2 => read_lines::<2>(to, bytes, starts, length, stride),
            4 => read_lines::<4>(to, bytes, starts, length, stride),
            _ => read_lines::<8>(to, bytes, starts, length, stride),
        }
        Data::from_storage(from.dtype(), sizes, Arc::new(result))
    }
}

/// Reads lines of elements of a size, from where each starts on, so far apart.
fn read_lines<const SIZE: usize>(
    to: &mut [u8],
    from: &[u8],
    starts: impl Iterator<Item = usize>,
    length: usize,
    stride: isize,
) {
    let ((to, _), (from, _)) = (to.as_chunks_mut::<SIZE>(), from.as_chunks::<SIZE>());
    for (line, start) in to.chunks_exact_mut(length.max(1)).zip(starts) {
        match (stride, from.get(start..start + length)) {
            (1, Some(run)) => line.copy_from_slice(run),
            (0, _) => line.fill(from[start]),
            _ => {
                let mut place = start.cast_signed();
                for element in line {
                    *element = from[place.cast_unsigned()];
                    place += stride;
                }
            }
        }
    }
}

/// The elements of a tensor at some places, in order, as a tensor of these sizes; 0 where there is no place.
pub(crate) fn pick(
    from: &Data,
    sizes: &[usize],
    places: impl IntoIterator<Item = Option<usize>>,
) -> Result<Data> {
    let size = from.dtype().size();
    let mut result = zeros(from.dtype(), sizes)?;
    for (to, place) in result.bytes_mut().chunks_exact_mut(size).zip(places) {
        if let Some(place) = place {
            let from = from.bytes().get(place * size..(place + 1) * size);
            to.copy_from_slice(from.ok_or_else(|| outside(place))?);
        }
    }
    Data::from_storage(from.dtype(), sizes.to_vec(), Arc::new(result))
}

/// Puts the elements of a tensor, in order, to some places among bytes.
pub(crate) fn put(to: &mut [u8], places: impl IntoIterator<Item = Option<usize>>, from: &Data) -> Result<()> {
    let size = from.dtype().size();
    for (from, place) in from.bytes().chunks_exact(size).zip(places) {
        if let Some(place) = place {
            let to = to.get_mut(place * size..(place + 1) * size);
            to.ok_or_else(|| outside(place))?.copy_from_slice(from);
        }
    }
    Ok(())
}

/// A tensor with the elements of another one at some of its places.
pub(crate) fn with(
    to: &Data,
    places: impl IntoIterator<Item = Option<usize>>,
    elements: &Data,
) -> Result<Data> {
    let mut result = to.clone();
    let bytes = result.bytes_mut().ok_or_else(|| no_memory(to.dtype(), to.sizes()))?;
    put(bytes, places, elements)?;
    Ok(result)
}

/// A tensor of one element everywhere.
pub(crate) fn filled(element: &Data, sizes: &[usize]) -> Result<Buffer> {
    let mut result = zeros(element.dtype(), sizes)?;
    let element = element.bytes();
    if element.iter().any(|&byte| byte != 0) {
        result.bytes_mut().chunks_exact_mut(element.len()).for_each(|to| to.copy_from_slice(element));
    }
    Ok(result)
}

/// Memory for a tensor, zeros at first.
pub(crate) fn zeros(dtype: DType, sizes: &[usize]) -> Result<Buffer> {
    let bytes = element_count(sizes).and_then(|count| count.checked_mul(dtype.size()));
    bytes.and_then(Buffer::new).ok_or_else(|| no_memory(dtype, sizes))
}

fn no_memory(dtype: DType, sizes: &[usize]) -> Error {
    check_failed(format!("a tensor of {dtype} with sizes {sizes:?} does not fit in memory"))
}

fn outside(place: usize) -> Error {
    check_failed(format!("there is no element {place}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(view: &Strided) -> Vec<usize> {
        let all: Vec<_> = (0..view.sizes.len()).collect();
        view.permuted(&all).places().flatten().collect()
    }

    #[test]
    fn views_lead_to_places() {
        let mut view = Strided::whole(&[2, 3]);
        assert_eq!(places(&view), [0, 1, 2, 3, 4, 5]);
        assert_eq!(places(&view.permuted(&[1, 0])), [0, 3, 1, 4, 2, 5]);
        view.reverse(1);
        assert_eq!(places(&view), [2, 1, 0, 5, 4, 3]);
        view.slice(1, 0, 2, 2);
        assert_eq!(places(&view), [2, 0, 5, 3]);
        view.slice(0, 1, 1, 1);
        view.repeat(0, 2);
        assert_eq!(places(&view), [5, 3, 5, 3]);
        view.slice(1, 0, 0, 1);
        assert!(places(&view).is_empty());
        assert_eq!(places(&Strided::whole(&[])), [0]);
    }

    #[test]
    fn elements_of_every_width_are_picked_and_put() {
        let half = Data::new([3], vec![1_u16, 2, 3]).unwrap();
        let picked = pick(&half, &[2, 2], [Some(2), None, Some(0), Some(2)]).unwrap();
        assert_eq!(picked.elements::<u16>().unwrap(), [3, 0, 1, 3]);
        assert!(pick(&half, &[1], [Some(3)]).is_err());
        let mut buffer = filled(&Data::scalar(7_u16), &[4]).unwrap();
        put(buffer.bytes_mut(), [Some(3), None, Some(0)], &half).unwrap();
        let put = Data::from_storage(DType::U16, vec![4], Arc::new(buffer)).unwrap();
        assert_eq!(put.elements::<u16>().unwrap(), [3, 7, 7, 1]);
    }
}
