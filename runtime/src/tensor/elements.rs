//! Elements that lie with the caller.

use super::dtype::{DType, Element};

/// Elements to be read, row by row.
///
/// ```
/// use holotype::tensor::{DType, Elements};
/// let elements = Elements::from(&[1.0_f32, 2.0]);
/// assert_eq!((elements.dtype(), elements.bytes().len()), (DType::F32, 8));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a> {
    dtype: DType,
    bytes: &'a [u8],
}

impl<'a> Elements<'a> {
    /// Their dtype.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Their bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl<'a, T: Element> From<&'a [T]> for Elements<'a> {
    fn from(elements: &'a [T]) -> Self {
        Self { dtype: T::DTYPE, bytes: bytemuck::cast_slice(elements) }
    }
}

impl<'a, T: Element> From<&'a Vec<T>> for Elements<'a> {
    fn from(elements: &'a Vec<T>) -> Self {
        Self::from(elements.as_slice())
    }
}

impl<'a, T: Element, const N: usize> From<&'a [T; N]> for Elements<'a> {
    fn from(elements: &'a [T; N]) -> Self {
        Self::from(elements.as_slice())
    }
}

/// Places for elements, row by row; of numbers, since not every byte is a truth value.
#[derive(Debug)]
pub struct ElementsMut<'a> {
    dtype: DType,
    bytes: &'a mut [u8],
}

impl<'a> ElementsMut<'a> {
    /// Their dtype.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Their bytes.
    pub fn bytes(&mut self) -> &mut [u8] {
        self.bytes
    }

    /// Their bytes.
    pub fn into_bytes(self) -> &'a mut [u8] {
        self.bytes
    }
}

impl<'a, T: Element + bytemuck::Pod> From<&'a mut [T]> for ElementsMut<'a> {
    fn from(elements: &'a mut [T]) -> Self {
        Self { dtype: T::DTYPE, bytes: bytemuck::cast_slice_mut(elements) }
    }
}

impl<'a, T: Element + bytemuck::Pod> From<&'a mut Vec<T>> for ElementsMut<'a> {
    fn from(elements: &'a mut Vec<T>) -> Self {
        Self::from(elements.as_mut_slice())
    }
}

impl<'a, T: Element + bytemuck::Pod, const N: usize> From<&'a mut [T; N]> for ElementsMut<'a> {
    fn from(elements: &'a mut [T; N]) -> Self {
        Self::from(elements.as_mut_slice())
    }
}
