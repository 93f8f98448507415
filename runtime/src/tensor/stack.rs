//! Tensors taken apart and put together along their first dimension.

use std::sync::Arc;

use super::buffer::Buffer;
use super::data::Data;
use super::dtype::DType;
use super::memory::check_memory;
use crate::error::{Error, Result};

impl Data {
    /// The contents at an index of dimension 0, without that dimension.
    ///
    /// # Errors
    /// If there is no such index.
    pub(crate) fn item(&self, index: usize) -> Result<Self> {
        let missing = || Error::Conversion {
            expected: format!("item {index}"),
            found: self.describe(),
            advice: "take an index below the size of dimension 0".into(),
        };
        let (&length, sizes) = self.sizes().split_first().ok_or_else(missing)?;
        if index >= length {
            return Err(missing());
        }
        let size = self.bytes().len() / length;
        let item = self.bytes().get(index * size..(index + 1) * size).ok_or_else(missing)?;
        Self::from_bytes(self.dtype(), sizes.to_vec(), item)
    }
}

/// A tensor that is put together from items, each an index of a new dimension 0.
pub(crate) struct Stack {
    dtype: DType,
    /// The number of items, then the sizes of an item.
    sizes: Vec<usize>,
    elements: Buffer,
}

impl Stack {
    /// A stack of zeros with the number of items and the sizes of an item.
    ///
    /// # Errors
    /// If it does not fit in memory, in words.
    pub fn new(dtype: DType, sizes: Vec<usize>) -> Result<Self, String> {
        check_memory(dtype, &sizes)?;
        let bytes = sizes.iter().product::<usize>() * dtype.size();
        let elements = Buffer::new(bytes).ok_or_else(|| format!("there is no memory for {bytes} bytes"))?;
        Ok(Self { dtype, sizes, elements })
    }

    /// Puts an item at its index.
    ///
    /// # Errors
    /// If the item is of another dtype or has other sizes, or there is no such index.
    pub fn put(&mut self, index: usize, item: &Data) -> Result<()> {
        let refused = || Error::Conversion {
            expected: format!("item {index} of a stack with sizes {:?} of {}", self.sizes, self.dtype),
            found: item.describe(),
            advice: "give items of the same dtype and sizes".into(),
        };
        let error = refused();
        if self.sizes.get(1..) != Some(item.sizes()) || item.dtype() != self.dtype {
            return Err(error);
        }
        let from = item.bytes();
        let part = self.elements.bytes_mut().get_mut(index * from.len()..(index + 1) * from.len());
        part.ok_or(error)?.copy_from_slice(from);
        Ok(())
    }

    /// The tensor.
    ///
    /// # Errors
    /// Never for a stack that was made from items.
    pub fn finish(self) -> Result<Data> {
        Data::from_storage(self.dtype, self.sizes, Arc::new(self.elements))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_make_the_tensor_that_they_were_taken_from() {
        let whole = Data::new([3, 2], vec![1_i16, 2, 3, 4, 5, 6]).unwrap();
        let mut stack = Stack::new(DType::I16, vec![3, 2]).unwrap();
        for index in [2, 0, 1] {
            stack.put(index, &whole.item(index).unwrap()).unwrap();
        }
        assert!(stack.finish().unwrap().same_bits(&whole));
        assert_eq!(whole.item(1).unwrap().elements::<i16>().unwrap(), [3, 4]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let whole = Data::new([2], vec![true, false]).unwrap();
        assert!(whole.item(2).is_err() && Data::scalar(1_u8).item(0).is_err());
        let mut stack = Stack::new(DType::Bool, vec![1, 2]).unwrap();
        assert!(stack.put(1, &whole).is_err());
        assert!(stack.put(0, &Data::scalar(true)).is_err());
        assert!(stack.put(0, &Data::new([2], vec![1_u8, 0]).unwrap()).is_err());
        assert!(Stack::new(DType::F32, vec![usize::MAX, 3]).is_err());
        assert_eq!(Stack::new(DType::F64, vec![0, 3]).unwrap().finish().unwrap().sizes(), [0, 3]);
    }
}
