//! Concrete tensor contents: a dtype, sizes, and shared contiguous bytes in row-major order.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD, IxDyn};

use super::buffer::{ALIGNMENT, Buffer, LITTLE};
use super::dtype::{DType, Element};
use super::shape::{Shape, TensorType};
use crate::error::{Error, Result};

/// Memory that holds elements: a vector, or a region of a mapped file.
pub trait Storage: Any + Send + Sync {
    /// The bytes, in the machine's byte order.
    fn bytes(&self) -> &[u8];
}

impl<T: Element> Storage for Vec<T> {
    fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self)
    }
}

/// Concrete tensor contents; cheap to clone.
#[derive(Clone)]
pub struct Data {
    dtype: DType,
    sizes: Arc<[usize]>,
    storage: Arc<dyn Storage>,
}

impl Data {
    /// Contents with the given sizes from elements in row-major order.
    ///
    /// # Errors
    /// If the number of elements is not the product of the sizes.
    pub fn new<T: Element>(sizes: impl Into<Vec<usize>>, elements: Vec<T>) -> Result<Self> {
        let count = elements.len();
        Self::counted(T::DTYPE, sizes.into(), count, Arc::new(elements))
    }

    fn counted(dtype: DType, sizes: Vec<usize>, count: usize, storage: Arc<dyn Storage>) -> Result<Self> {
        if element_count(&sizes) != Some(count) {
            return Err(Error::Conversion {
                expected: format!("a tensor with sizes {sizes:?}"),
                found: format!("of {count} elements"),
                advice: "give as many elements as the product of the sizes".into(),
            });
        }
        Ok(Self { dtype, sizes: sizes.into(), storage })
    }

    /// Contents with the given sizes from a copy of the bytes of the elements.
    ///
    /// # Errors
    /// As [`Data::from_storage`], and if memory is short.
    pub(crate) fn from_bytes(dtype: DType, sizes: Vec<usize>, bytes: &[u8]) -> Result<Self> {
        let mut buffer = Buffer::new(bytes.len()).ok_or_else(|| Error::Conversion {
            expected: format!("memory for a tensor with sizes {sizes:?}"),
            found: format!("none for {} bytes", bytes.len()),
            advice: "use smaller tensors, or fewer at once".into(),
        })?;
        buffer.bytes_mut().copy_from_slice(bytes);
        Self::from_storage(dtype, sizes, Arc::new(buffer))
    }

    /// Contents of any storage: what a file holds.
    ///
    /// # Errors
    /// If the bytes are not aligned for the dtype, are not as many as the sizes need, or are truth values other than 0
    /// and 1.
    pub fn from_storage(dtype: DType, sizes: Vec<usize>, storage: Arc<dyn Storage>) -> Result<Self> {
        Self::from_shared(dtype, sizes.into(), storage)
    }

    /// The same, with sizes that others share.
    pub(crate) fn from_shared(dtype: DType, sizes: Arc<[usize]>, storage: Arc<dyn Storage>) -> Result<Self> {
        let found = storage.bytes().len();
        let expected = element_count(&sizes).and_then(|count| count.checked_mul(dtype.size()));
        let data = Self { dtype, sizes, storage };
        let sound = expected == Some(found)
            && super::for_dtype!(dtype, T => bytemuck::checked::try_cast_slice::<u8, T>(data.bytes()).is_ok());
        if sound {
            Ok(data)
        } else {
            Err(Error::Conversion {
                expected: format!("a tensor {}", data.describe()),
                found: format!("of {found} bytes"),
                advice: "the bytes must be aligned, as many as the sizes say, and truth values 0 or 1".into(),
            })
        }
    }

    /// A single element.
    pub fn scalar<T: Element>(value: T) -> Self {
        Self { dtype: T::DTYPE, sizes: Arc::default(), storage: Arc::new(vec![value]) }
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The size of each dimension.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.bytes().len() / self.dtype.size()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// The elements as bytes, row-major, in the machine's byte order.
    pub fn bytes(&self) -> &[u8] {
        self.storage.bytes()
    }

    /// The elements as bytes that may be changed; moved to memory of their own first, if anybody else holds them. None if
    /// memory is short.
    pub(crate) fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        let own =
            Arc::get_mut(&mut self.storage).is_some_and(|storage| (storage as &mut dyn Any).is::<Buffer>());
        if !own {
            let mut buffer = Buffer::new(self.bytes().len())?;
            buffer.bytes_mut().copy_from_slice(self.bytes());
            self.storage = Arc::new(buffer);
        }
        let storage: &mut dyn Any = Arc::get_mut(&mut self.storage)?;
        storage.downcast_mut::<Buffer>().map(Buffer::bytes_mut)
    }

    /// The same contents where vectors are read fastest: moved, if they begin within a line of the cache and are more than a few.
    /// They stay where they are if memory is short.
    pub(crate) fn aligned(self) -> Self {
        let bytes = self.bytes();
        if bytes.len() <= LITTLE || bytes.as_ptr().addr().is_multiple_of(ALIGNMENT) {
            return self;
        }
        let Some(mut buffer) = Buffer::new(bytes.len()) else { return self };
        buffer.bytes_mut().copy_from_slice(bytes);
        Self { storage: Arc::new(buffer), ..self }
    }

    /// The elements, row-major.
    ///
    /// # Errors
    /// If `T` is not the type of the elements.
    pub fn elements<T: Element>(&self) -> Result<&[T]> {
        if T::DTYPE != self.dtype {
            return Err(self.not_of_type(T::DTYPE));
        }
        bytemuck::checked::try_cast_slice(self.bytes()).map_err(|_| self.not_of_type(T::DTYPE))
    }

    /// The elements as an `ndarray` view.
    ///
    /// # Errors
    /// If `T` is not the type of the elements.
    pub fn view<T: Element>(&self) -> Result<ArrayViewD<'_, T>> {
        let elements = self.elements::<T>()?;
        ArrayViewD::from_shape(IxDyn(&self.sizes), elements).map_err(|_| self.not_of_type(T::DTYPE))
    }

    /// The elements as an owned `ndarray` array; moves them where nobody else holds them.
    ///
    /// # Errors
    /// If `T` is not the type of the elements.
    pub fn into_array<T: Element>(self) -> Result<ArrayD<T>> {
        let sizes = self.sizes.clone();
        let elements = self.into_elements::<T>()?;
        ArrayD::from_shape_vec(IxDyn(&sizes), elements).map_err(|error| Error::Conversion {
            expected: "an array".into(),
            found: format!("{sizes:?}"),
            advice: error.to_string(),
        })
    }

    /// The elements, row-major; moves them where nobody else holds them.
    ///
    /// # Errors
    /// If `T` is not the type of the elements.
    pub fn into_elements<T: Element>(self) -> Result<Vec<T>> {
        if T::DTYPE != self.dtype {
            return Err(self.not_of_type(T::DTYPE));
        }
        let storage: Arc<dyn Any + Send + Sync> = self.storage.clone();
        if let Ok(vector) = storage.downcast::<Vec<T>>() {
            let Self { storage, .. } = self;
            drop(storage);
            return Ok(Arc::unwrap_or_clone(vector));
        }
        Ok(self.elements::<T>()?.to_vec())
    }

    /// The same elements under other sizes with the same product.
    ///
    /// # Errors
    /// If the products differ.
    pub fn with_sizes(mut self, sizes: Vec<usize>) -> Result<Self> {
        if element_count(&sizes) != Some(self.len()) {
            return Err(Error::Conversion {
                expected: format!("a tensor with sizes {sizes:?}"),
                found: self.describe(),
                advice: "the number of elements must stay the same".into(),
            });
        }
        self.sizes = sizes.into();
        Ok(self)
    }

    /// The dtype and shape.
    pub fn kind(&self) -> TensorType {
        TensorType::new(self.dtype, Shape::from(&*self.sizes))
    }

    /// The type, printed: `[2, 3; f32]`.
    pub fn describe(&self) -> String {
        let sizes: Vec<_> = self.sizes.iter().map(ToString::to_string).collect();
        format!("[{}; {}]", sizes.join(", "), self.dtype)
    }

    /// Whether dtype, sizes and every bit of the elements are the same.
    pub fn same_bits(&self, other: &Self) -> bool {
        self.dtype == other.dtype && self.sizes == other.sizes && self.bytes() == other.bytes()
    }

    fn not_of_type(&self, asked: DType) -> Error {
        Error::Conversion {
            expected: format!("elements of type {asked}"),
            found: self.describe(),
            advice: format!("convert it first with `.cast(DType::{:?})`, or ask for {}", asked, self.dtype),
        }
    }
}

impl<T: Element> From<ArrayD<T>> for Data {
    fn from(array: ArrayD<T>) -> Self {
        let sizes = array.shape().to_vec();
        let (elements, offset) = if array.is_standard_layout() {
            array.into_raw_vec_and_offset()
        } else {
            (array.iter().copied().collect(), Some(0))
        };
        let count = sizes.iter().product();
        let elements = match offset {
            Some(0) | None if elements.len() == count => elements,
            offset => elements[offset.unwrap_or(0)..][..count].to_vec(),
        };
        Self { dtype: T::DTYPE, sizes: sizes.into(), storage: Arc::new(elements) }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Data {}", self.describe())
    }
}

/// The product of the sizes, unless it overflows.
pub fn element_count(sizes: &[usize]) -> Option<usize> {
    if sizes.contains(&0) {
        return Some(0);
    }
    sizes.iter().try_fold(1_usize, |count, &size| count.checked_mul(size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn an_array_goes_in_and_out_without_a_copy() {
        let array = array![[1.0_f32, 2.0], [3.0, 4.0]].into_dyn();
        let before = array.as_ptr();
        let data = Data::from(array);
        assert_eq!(data.view::<f32>().unwrap().as_ptr(), before);
        assert_eq!(data.into_array::<f32>().unwrap().as_ptr(), before);
    }

    /// All elements but one, from the first or the second on.
    struct Part(Vec<f32>, usize);

    impl Storage for Part {
        fn bytes(&self) -> &[u8] {
            bytemuck::cast_slice(&self.0[self.1..][..self.0.len() - 1])
        }
    }

    #[test]
    fn much_is_aligned_and_little_stays() {
        for (count, stays) in [(0, true), (3, true), (256, true), (257, false), (5000, false)] {
            let elements: Vec<_> = (0..=count).map(|i| i as f32).collect();
            // Of two places next to each other, one is not aligned.
            for first in [0, 1] {
                let storage = Arc::new(Part(elements.clone(), first));
                let data = Data::from_storage(DType::F32, vec![count], storage).unwrap();
                let (before, was) = (data.clone(), data.bytes().as_ptr().addr());
                let data = data.aligned();
                let now = data.bytes().as_ptr().addr();
                assert!(data.same_bits(&before) && (now == was) == (stays || was % ALIGNMENT == 0));
                assert!(stays || now % ALIGNMENT == 0);
            }
        }
    }

    #[test]
    fn a_shared_array_is_copied_on_the_way_out() {
        let data = Data::new([2], vec![true, false]).unwrap();
        let other = data.clone();
        assert_eq!(data.into_elements::<bool>().unwrap(), [true, false]);
        assert_eq!(other.elements::<bool>().unwrap(), [true, false]);
    }

    #[test]
    fn transposed_and_sliced_arrays_come_in_row_major() {
        let array = Array2::from_shape_fn((2, 3), |(i, j)| (i * 3 + j) as i64);
        let data = Data::from(array.clone().reversed_axes().into_dyn());
        assert_eq!(data.elements::<i64>().unwrap(), [0, 3, 1, 4, 2, 5]);
        let data = Data::from(array.clone().slice_move(ndarray::s![1.., ..]).into_dyn());
        assert_eq!(data.elements::<i64>().unwrap(), [3, 4, 5]);
        let data = Data::from(array.slice_move(ndarray::s![.., ..;-1]).into_dyn());
        assert_eq!(data.elements::<i64>().unwrap(), [2, 1, 0, 5, 4, 3]);
    }

    #[test]
    fn empty_and_scalar_arrays_have_the_right_number_of_elements() {
        assert_eq!(Data::from(ArrayD::<f64>::zeros(IxDyn(&[0, 3]))).len(), 0);
        assert_eq!(Data::scalar(1_u8).len(), 1);
        assert!(Data::new([3, 0], vec![1_i8]).is_err());
        assert_eq!(element_count(&[usize::MAX, usize::MAX, 0]), Some(0));
        assert_eq!(element_count(&[usize::MAX, 2]), None);
    }

    #[test]
    fn bytes_that_are_no_truth_values_are_refused() {
        let refused = Data::from_storage(DType::Bool, vec![2], Arc::new(vec![1_u8, 2]));
        assert!(refused.is_err());
    }
}
